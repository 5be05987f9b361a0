import { Readable, type Duplex } from 'node:stream'
import { piecesOf, type ByteSource } from './byte-source.js'
import { RefusedContent } from './refusal.js'

/**
 * What comes out of a decompressor that is fed bytes `from` to `to`, piece by piece; whoever stops reading stops it.
 *
 * @throws RefusedContent `broken` where the bytes are not what the decompressor takes.
 */
export async function* inflated(unzip: Duplex, source: ByteSource, from: number, to: number): AsyncGenerator<Buffer> {
  const input = Readable.from(piecesOf(source, from, to))
  input.on('error', (error) => unzip.destroy(error))
  input.pipe(unzip)
  try {
    for await (const piece of unzip) yield piece as Buffer
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code?.startsWith('Z_') !== true) throw error
    throw new RefusedContent('broken', 'is damaged')
  } finally {
    input.destroy()
    unzip.destroy()
  }
}
