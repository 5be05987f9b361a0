import { createHash } from 'node:crypto'

/** SHA-256 of a text, so that what is the same is found without comparing it. */
export function contentHash(text: string): string {
  return createHash('sha256').update(text).digest('base64url')
}
