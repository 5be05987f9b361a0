/**
 * `text.charCodeAt(at)` for loops that all kinds of texts come by. V8 keeps texts in some ten shapes (joined, cut out,
 * interned ...); where a method is called on more than four of them, it is looked up anew for each character, which
 * takes five times as long as reading it. Here it has been looked up.
 */
export const charCodeAt: (text: string, at: number) => number = Function.prototype.call.bind(
  String.prototype.charCodeAt,
)
