const slots = 16_384

const table: Uint16Array = makeTable()

/**
 * The slot of a key on a Redis Cluster: CRC-16/XMODEM of what stands between the first braces (Redis Cluster
 * specification, "Key distribution model"). For keys of ASCII alone.
 */
export function slotOf(key: string): number {
  const open = key.indexOf('{')
  const close = open === -1 ? -1 : key.indexOf('}', open + 1)
  const [from, to] = close > open + 1 ? [open + 1, close] : [0, key.length]
  let crc = 0
  for (let at = from; at < to; at++) {
    crc = ((crc << 8) & 0xffff) ^ (table[((crc >>> 8) ^ key.charCodeAt(at)) & 0xff] as number)
  }
  return crc % slots
}

function makeTable(): Uint16Array {
  const made = new Uint16Array(256)
  for (let byte = 0; byte < 256; byte++) {
    let crc = byte << 8
    for (let bit = 0; bit < 8; bit++) crc = crc & 0x8000 ? (crc << 1) ^ 0x1021 : crc << 1
    made[byte] = crc & 0xffff
  }
  return made
}
