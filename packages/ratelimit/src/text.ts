/**
 * `text.charCodeAt(at)`. V8 looks the method up anew where more than a few kinds of strings come by, which costs more
 * than the call; this way there is nothing to look up.
 */
export const codeAt: (text: string, at: number) => number = Function.prototype.call.bind(String.prototype.charCodeAt)

/**
 * A text that was put together stays a tree of its parts, which is walked whenever it is written, until somebody asks
 * for one of its characters. None of ours begins with NUL; without a use of it the question would be left out.
 */
export function inOnePiece(text: string): string {
  return codeAt(text, 0) === 0 ? '' : text
}
