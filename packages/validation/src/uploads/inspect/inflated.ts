import { Readable, type Duplex } from 'node:stream'
import { RefusedContent } from './refusal.js'

/**
 * What comes out of a decompressor that is fed piece by piece; whoever stops reading stops it.
 *
 * @throws RefusedContent `broken` where the bytes are not what the decompressor takes.
 */
export async function* inflated(unzip: Duplex, packed: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  const input = Readable.from(packed)
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
