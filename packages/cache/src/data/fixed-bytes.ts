const fixed = new WeakSet<Uint8Array>()

/** Says that these bytes are never changed while they live, so that they can be shared instead of copied. */
export function fixBytes<T extends Uint8Array>(bytes: T): T {
  fixed.add(bytes)
  return bytes
}

/** Whether {@link fixBytes} was told so. */
export function isFixed(bytes: Uint8Array): boolean {
  return fixed.has(bytes)
}
