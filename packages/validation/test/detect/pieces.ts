import fc from 'fast-check'

/** Pieces that tokenizers care for, in any order. */
export const pieces: fc.Arbitrary<string> = fc.constantFrom(
  ...`' " \` ( ) [ ] { } < > = ! + - * / % & | ^ ~ ; : , . # @ $ \\ ? _ -- /* */ /*! <!-- --> </ /> <a <script '' "" \\' %27 %2527 &#39; &lt; \\u0027 \\x27 ../ ..\\ \${ {{ }} {% $( \`id\` ;cat && || union select or and 1 0x41 1e5 1.e like in between case when then end from where order by null x onload= href= javascript: data: style= expression( \n \r \t \0 \u00a0 \uff1c \u2215 é 日 😀`.split(
    ' ',
  ),
  ' ',
)
