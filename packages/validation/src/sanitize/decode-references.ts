import engine from 'sanitize-html'

const names: engine.IOptions = { allowedTags: [], allowedAttributes: {} }

const common: ReadonlyMap<string, string> = /* @__PURE__ */ new Map([
  ['&amp;', '&'],
  ['&lt;', '<'],
  ['&gt;', '>'],
  ['&quot;', '"'],
  ['&apos;', "'"],
  ['&nbsp;', '\u00a0'],
])

// What browsers read 128 to 159 as (WHATWG HTML section 13.2.5.80).
const windows1252 =
  '\u20ac\x81\u201a\u0192\u201e\u2026\u2020\u2021\u02c6\u2030\u0160\u2039\u0152\x8d\u017d\x8f\x90\u2018\u2019\u201c\u201d\u2022\u2013\u2014\u02dc\u2122\u0161\u203a\u0153\x9d\u017e\u0178'

/** HTML has 2,231 names; whoever sends more distinct ones sends no names. */
const mostNames = 3_000

/**
 * Character references as the characters that they stand for. Each name is looked up once in a call, by the library that knows them
 * all; numbers are read here.
 */
export function decodeReferences(text: string): string {
  const known = new Map(common)
  return text.replace(
    /&(?:#[xX]([0-9a-fA-F]{1,8})|#([0-9]{1,8})|[a-zA-Z][a-zA-Z0-9]{1,40});?/g,
    (whole, hex?: string, decimal?: string) => {
      if (hex !== undefined) return fromCode(Number.parseInt(hex, 16))
      if (decimal !== undefined) return fromCode(Number(decimal))
      const before = known.get(whole)
      if (before !== undefined) return before
      const decoded = known.size < mostNames ? decodeName(whole) : whole
      known.set(whole, decoded)
      return decoded
    },
  )
}

/** One name. What the library writes for the four characters of HTML itself is undone. */
function decodeName(reference: string): string {
  return engine(reference, names).replace(/&(?:amp|lt|gt|quot);/g, (written) => common.get(written) as string)
}

function fromCode(code: number): string {
  if (code >= 0x80 && code <= 0x9f) return windows1252.charAt(code - 0x80)
  const none = code === 0 || code > 0x10ffff || (code >= 0xd800 && code <= 0xdfff)
  return none ? '\ufffd' : String.fromCodePoint(code)
}
