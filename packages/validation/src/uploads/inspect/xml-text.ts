/** Numeric references of XML decoded, by which a name or value is hidden. */
export function decodeXmlNumbers(text: string): string {
  return text.replace(
    /&#(?:x0*([0-9a-f]{1,6})|0*([0-9]{1,7}));?/gi,
    (_reference, hex: string | undefined, decimal: string) =>
      fromCode(hex === undefined ? Number(decimal) : Number.parseInt(hex, 16)),
  )
}

/** The character of a number; nothing for what is none. */
export function fromCode(code: number): string {
  return code > 0 && code <= 0x10ffff ? String.fromCodePoint(code) : ''
}

/** The text of an XML document in one of the encodings that every reader of XML takes (XML 1.0 section 4.3.3), references decoded. */
export function xmlText(bytes: Buffer): string {
  const isBigEndian = bytes[0] === 0xfe || bytes[0] === 0
  const isWide = isBigEndian || bytes[0] === 0xff || bytes[1] === 0
  if (!isWide) return decodeXmlNumbers(bytes.toString('utf8'))
  const even = Buffer.from(bytes.subarray(0, bytes.length - (bytes.length % 2)))
  return decodeXmlNumbers((isBigEndian ? even.swap16() : even).toString('utf16le'))
}
