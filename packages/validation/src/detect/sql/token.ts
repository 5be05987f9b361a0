/** Kinds of SQL tokens; the letter is what a fingerprint shows. */
export const TokenKind = {
  end: 0,
  word: 1,
  number: 2,
  string: 3,
  /** A quoted identifier. */
  name: 4,
  variable: 5,
  operator: 6,
  /** A comment that stands between tokens. */
  comment: 7,
  open: 8,
  close: 9,
  comma: 10,
  semicolon: 11,
  dot: 12,
  other: 13,
} as const

export type TokenKindCode = (typeof TokenKind)[keyof typeof TokenKind]

/** Letter of each kind, by code. */
export const tokenLetters = '.n1sivoc(),;.?'
