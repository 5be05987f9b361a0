import { integerOption, rejectUnknownOptions } from '@hardening/core'

/** What {@link sanitizeFilename} may be given. */
export interface SanitizeFilenameOptions {
  /** Bytes of the name in UTF-8; file systems take 255. The extension is kept. @defaultValue 200 */
  maxBytes?: number
  /** The name where nothing is left of the one given. @defaultValue `'file'` */
  fallback?: string
}

const optionNames: readonly (keyof SanitizeFilenameOptions)[] = ['maxBytes', 'fallback']

// Devices of Windows, with any extension and in any case, also by superscript digits (Naming Files, Paths, and Namespaces).
const device = /^(?:con|prn|aux|nul|conin\$|conout\$|(?:com|lpt)[0-9\u00b9\u00b2\u00b3])(?:\.|$)/i

// What separates folders or streams, stands for many files, or is reserved somewhere; with the look-alikes that NFKC or a
// Windows code page turns into a separator or dots.
const reserved = /["*/:<>?\\|\u2024\u2025\u2026\u2044\u2215\u2216\u29f8\u29f9\ufe52\ufe68\uff0e\uff0f\uff3c]/g

// Controls, what cannot be seen, and what turns the direction of writing (`exe.gpj` shown as `jpg.exe`).
const invisible = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Surrogate}\u034f\u115f\u1160\u3164\uffa0]/gu

// A part that a later decoding turns into a separator, dots or an end of string.
const encoded = /%(?:25)*(?:2e|2f|5c|00|3a|c0%ae|c0%af)/gi

/**
 * A name of a file from outside as a plain name that every file system takes: no folder, no device, nothing hidden, no
 * option of a command. Safe to join to a folder; to store uploads, a name of your own is better still.
 */
export function sanitizeFilename(name: string, options: SanitizeFilenameOptions = {}): string {
  rejectUnknownOptions('sanitizeFilename', options, optionNames)
  const { maxBytes = 200, fallback = 'file' } = options
  integerOption('sanitizeFilename', 'maxBytes', maxBytes, { min: 16, max: 255 })
  // Nothing beyond this could matter to the result, whose bytes are bounded.
  const last = lastSegment(name.slice(-4_096)).normalize('NFC')
  const plain = trimEnds(last.replace(invisible, '').replace(encoded, '_').replace(reserved, '_'))
  const safe = device.test(plain) ? `_${plain}` : plain
  return shorten(/^_*$/.test(safe) ? fallback : safe, maxBytes)
}

function lastSegment(name: string): string {
  const trimmed = trimEnd(name, (code) => code === 47 || code === 92)
  return trimmed.slice(Math.max(trimmed.lastIndexOf('/'), trimmed.lastIndexOf('\\')) + 1)
}

/** Windows drops dots and spaces at the end; at the front a dot hides, a dash is an option, a tilde is a home. */
function trimEnds(name: string): string {
  const end = trimEnd(name, (code) => code === 46 || code === 32 || code === 160)
  let start = 0
  while (start < end.length && '. -~\u00a0'.includes(end.charAt(start))) start++
  return end.slice(start)
}

/** The text without the characters at its end that `drops` names, in linear time. */
export function trimEnd(text: string, drops: (code: number) => boolean): string {
  let end = text.length
  while (end > 0 && drops(text.charCodeAt(end - 1))) end--
  return text.slice(0, end)
}

function shorten(name: string, maxBytes: number): string {
  if (Buffer.byteLength(name) <= maxBytes) return name
  const dot = name.lastIndexOf('.')
  const extension = dot > 0 && Buffer.byteLength(name.slice(dot)) <= maxBytes / 2 ? name.slice(dot) : ''
  let room = maxBytes - Buffer.byteLength(extension)
  let stem = ''
  for (const character of extension === '' ? name : name.slice(0, dot)) {
    room -= Buffer.byteLength(character)
    if (room < 0) break
    stem += character
  }
  return trimEnds(stem) + extension
}
