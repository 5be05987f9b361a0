import type { RequestLike } from '@hardening/core'

/** What became of reading a body. */
export type BodyResult = { readonly text: string } | { readonly failure: 'too-large' | 'gone' }

/** Reads a body of at most `most` bytes; what comes beyond is not kept. */
export function readBody(req: RequestLike, most: number): Promise<BodyResult> {
  if (Number(req.headers['content-length'] ?? 0) > most) return Promise.resolve({ failure: 'too-large' })
  return new Promise((resolve) => {
    const chunks: Uint8Array[] = []
    let bytes = 0
    const done = (result: BodyResult): void => {
      req.off('data', onData).off('end', onEnd).off('error', onGone).off('close', onGone)
      resolve(result)
    }
    const onData = (chunk: Uint8Array): void => {
      bytes += chunk.byteLength
      if (bytes > most) done({ failure: 'too-large' })
      else chunks.push(chunk)
    }
    const onEnd = (): void => done({ text: Buffer.concat(chunks).toString('utf8') })
    const onGone = (): void => done({ failure: 'gone' })
    req.on('data', onData).on('end', onEnd).on('error', onGone).on('close', onGone)
  })
}
