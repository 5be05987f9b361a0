/** Letters of other scripts that look like Latin ones, which normal forms keep apart; each pair is what it is and what it looks like. */
const pairs =
  'аa вb сc ԁd еe ѕs ԛq іi јj ӏl оo рp гr тt уy хx ѡw ԝw һh кk мm нh зe пn иu ьb αa βb γy εe ζz ηn ιi κk νv οo ρp σo τt υu χx ωw ' +
  'ɑa ƅb ɗd ɛe ɡg ɦh ıi ȷj ʟl ɴn ɩi ʀr ʏy ʜh ᴀa ʙb ᴄc ᴅd ᴇe ꜰf ɢg ᴊj ᴋk ᴍm ᴏo ᴘp ᴛt ᴜu ᴠv ᴡw ᴢz øo łl đd ħh ŧt ßs æa œo ' +
  'ꜱs ɪi ɨi ʂs ʈt ɗd ɠg ɓb ƙk ɲn ɳn ɱm ʋv ʐz ƈc ꓢs ꓧh ꓲi ꓔt ꓝf ꓴu ꓚc ꓗk ꓐb ꓠn ꓮa ꓰe ꓳo ꓡl ꓟm ꓑp ꓣr ꓦv ꓪw ꓫx ꓬy ꓜz ꓓd ꓖg ꓙj ' +
  'ꮪs ꮋh ꭵi ꮖi ꭲt ꮯc ꮶk ꮮl ꮇm ꭺa ꭼe ꮎo ꮲp ꮢr ꮩv ꮃw ꭹy ꮓz ꮷj ꭰd ꮐg տs հh'

export const lookAlikes: ReadonlyMap<string, string> = /* @__PURE__ */ new Map(
  /* @__PURE__ */ pairs.split(' ').map((pair) => [pair.charAt(0), pair.charAt(1)] as const),
)

/** Digits and signs that stand for letters, with every letter each may stand for. */
export const leetLetters: ReadonlyMap<string, string> = /* @__PURE__ */ new Map([
  ['0', 'o'],
  ['1', 'il'],
  ['2', 'z'],
  ['3', 'e'],
  ['4', 'a'],
  ['5', 's'],
  ['6', 'g'],
  ['7', 't'],
  ['8', 'b'],
  ['9', 'g'],
  ['@', 'a'],
  ['$', 's'],
  ['!', 'i'],
  ['|', 'il'],
  ['+', 't'],
  ['(', 'c'],
  ['€', 'e'],
  ['¢', 'c'],
  ['£', 'l'],
  ['¥', 'y'],
])
