/**
 * The words of a name, in lower case and without digits: `X-API-Key`, `apiKey2` and `API_KEY` are all `api`, `key`
 * (after `x`). A name is split at everything that is no letter, before a capital that follows a small letter, and
 * before the last of several capitals, so that `APIKey` and `userOTPCode` come apart as people read them.
 */
export function wordsOf(name: string): string[] {
  const words: string[] = []
  let start = -1
  let before: Kind = OTHER
  for (let index = 0; index < name.length; index++) {
    const kind = kindOf(name.charCodeAt(index))
    const isBreak =
      (kind === CAPITAL && before === SMALL) ||
      (kind === SMALL && before === CAPITAL && start !== -1 && index - start > 1)
    if (start !== -1 && (kind === OTHER || isBreak)) {
      const end = kind === SMALL ? index - 1 : index
      words.push(name.slice(start, end).toLowerCase())
      start = end
    }
    if (kind === OTHER) start = -1
    else if (start === -1) start = index
    before = kind
  }
  if (start !== -1) words.push(name.slice(start).toLowerCase())
  return words
}

type Kind = typeof OTHER | typeof SMALL | typeof CAPITAL
const OTHER = 0
const SMALL = 1
const CAPITAL = 2

function kindOf(code: number): Kind {
  if (code >= 0x61 && code <= 0x7a) return SMALL
  if (code >= 0x41 && code <= 0x5a) return CAPITAL
  // Letters of other scripts are not told apart; what matters is that they do not break a word.
  return code >= 0xc0 && code !== 0xd7 && code !== 0xf7 && !(code >= 0x2000 && code <= 0x206f) ? SMALL : OTHER
}
