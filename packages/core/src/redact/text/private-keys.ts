import { Cuts, type Scan } from './scan.js'

const BEGIN = '-----BEGIN '
const END = '-----END '
const HYPHENS = '-----'
const LONGEST_LABEL = 64

/**
 * Private keys in textual armour (RFC 7468 section 10, OpenSSH, PGP), whole. Without an end, all that follows.
 * Certificates and public keys stay.
 */
export function hidePrivateKeys(text: string, { replacement }: Scan): string {
  const cuts = new Cuts(text, replacement)
  let start = text.indexOf(BEGIN)
  while (start !== -1) {
    const label = start + BEGIN.length
    const line = text.slice(label, label + LONGEST_LABEL)
    const labelEnd = line.indexOf(HYPHENS)
    const isPrivate = line.slice(0, labelEnd === -1 ? LONGEST_LABEL : labelEnd).includes('PRIVATE KEY')
    let end = label
    if (isPrivate) {
      end = endOfKey(text, label)
      cuts.cut(start, end)
    }
    start = text.indexOf(BEGIN, end)
  }
  return cuts.done()
}

function endOfKey(text: string, from: number): number {
  const last = text.indexOf(END, from)
  if (last === -1) return text.length
  const closing = text.indexOf(HYPHENS, last + END.length)
  return closing === -1 || closing > last + END.length + LONGEST_LABEL ? text.length : closing + HYPHENS.length
}
