import { charCodeAt } from './char-code-at.js'

/**
 * A text that was put together stays a tree of its parts, which is walked whenever it is written, until somebody asks
 * for one of its characters. For texts that are kept and none of which begins with NUL: without a use of the answer the
 * question would be left out.
 */
export function inOnePiece(text: string): string {
  return charCodeAt(text, 0) === 0 ? '' : text
}
