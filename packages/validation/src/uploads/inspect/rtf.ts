import { piecesOf, type ByteSource } from './byte-source.js'
import { RefusedContent } from './refusal.js'

/**
 * Control words of objects that are embedded, linked or kept up to date, and of templates that are loaded from elsewhere (RTF
 * 1.9.1): nearly every exploit that travels in an RTF is packed in one.
 */
const active = /\\(?:obj(?:data|emb|link|autlink|ocx|html|update|class|sub|pub)|template)(?![a-z])/

const overlap = 256

/** Refuses an RTF that embeds or loads something. @throws RefusedContent */
export async function inspectRtf(source: ByteSource): Promise<void> {
  let before = ''
  for await (const piece of piecesOf(source)) {
    // Readers pass over line ends and NULs wherever they stand.
    const text = before + piece.toString('latin1').replace(/[\r\n\0]/g, '')
    if (active.test(text) || asksProgram(text))
      throw new RefusedContent('macro', 'contains a macro or embedded program')
    before = text.slice(-overlap)
  }
}

/** Whether a field asks another program for its content, by which that one is started. */
function asksProgram(text: string): boolean {
  for (let at = text.indexOf('\\fldinst'); at !== -1; at = text.indexOf('\\fldinst', at + 1)) {
    if (/\bDDE(?:AUTO)?\b/.test(text.slice(at, at + overlap).split('}', 1)[0] as string)) return true
  }
  return false
}
