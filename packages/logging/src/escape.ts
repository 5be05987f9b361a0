// What JSON leaves as it is though some terminals or readers of lines take it for the end of one, or for a command: DEL,
// the C1 controls (U+009B begins a command, U+0085 is a new line) and the separators U+2028 and U+2029.
const RISKY = /[\u007f-\u009f\u2028\u2029]/
const ALL_RISKY = /[\u007f-\u009f\u2028\u2029]/g
const CONTROLS = /[\u0000-\u001f\u007f-\u009f\u2028\u2029\u202a-\u202e\u2066-\u2069]/g
// What JSON does not write as it is, and what lies beyond ASCII. Looking for one such character is quicker than looking
// whether all are others.
const NOT_PLAIN = /[\u0000-\u001f"\\\u007f-\uffff]/

/** JSON that stays on one line wherever it is shown. */
export function oneLine(json: string): string {
  return RISKY.test(json) ? json.replace(ALL_RISKY, unicodeEscape) : json
}

/** A text as JSON, on one line. */
export function quoted(text: string): string {
  return `"${inside(text)}"`
}

/** A text as JSON has it between its quotation marks, on one line. */
export function inside(text: string): string {
  return NOT_PLAIN.test(text) ? oneLine(JSON.stringify(text)).slice(1, -1) : text
}

/** Text that can neither forge a line nor move the cursor: control characters are spelled out. */
export function visible(text: string): string {
  return text.replace(CONTROLS, unicodeEscape)
}

function unicodeEscape(character: string): string {
  return `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`
}
