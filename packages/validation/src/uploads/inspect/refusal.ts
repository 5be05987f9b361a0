/** Why a file is not taken. */
export interface Refusal {
  /** Stable name: `empty`, `type_not_allowed`, `archive_bomb` ... */
  readonly code: string
  /** To be read after "The file". Repeats nothing of its content. */
  readonly message: string
  /** Whether it looks like an attack, not like a mistake. */
  readonly threat: boolean
}

const mistakes: ReadonlySet<string> = new Set(
  'empty type_not_allowed extension_mismatch type_mismatch not_utf8 broken encrypted too_many_pixels unknown_type'.split(
    ' ',
  ),
)

export function refusal(code: string, message: string): Refusal {
  return { code, message, threat: !mistakes.has(code) }
}

/** Carries a refusal out of the depth of a parser; never seen outside the inspection. */
export class RefusedContent extends Error {
  readonly refusal: Refusal

  constructor(code: string, message: string) {
    super(message)
    this.refusal = refusal(code, message)
  }
}
