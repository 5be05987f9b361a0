import {
  ConfigError,
  durationOption,
  integerOption,
  rejectUnknownOptions,
  stringOption,
  type Duration,
} from '@hardening/core'
import { createReadStream } from 'node:fs'
import { connect, type NetConnectOpts, type Socket } from 'node:net'
import type { FileScanner, ScanResult } from './scanner.js'

/** What {@link clamdScanner} may be given. */
export interface ClamdScannerOptions {
  /** Path of clamd's Unix socket; instead of host and port. */
  socket?: string
  /** @defaultValue `'127.0.0.1'` */
  host?: string
  /** @defaultValue 3310 */
  port?: number
  /** How long a scan may take in all. @defaultValue `'30s'` */
  timeout?: Duration
}

const longestAnswer = 4_096

/**
 * Asks a ClamAV daemon, by the `INSTREAM` command of its socket protocol (clamd(8)): the file goes over the connection in chunks,
 * so that clamd needs no access to the disk. Set its `StreamMaxLength` at least to the size of a file.
 *
 * @throws ConfigError `ERR_CONFIG_INVALID` for options that cannot work.
 */
export function clamdScanner(options: ClamdScannerOptions = {}): FileScanner {
  rejectUnknownOptions('clamdScanner', options, ['socket', 'host', 'port', 'timeout'])
  const { socket, host = '127.0.0.1', port = 3_310, timeout = '30s' } = options
  if (socket !== undefined && (options.host !== undefined || options.port !== undefined)) {
    throw new ConfigError('clamdScanner', 'socket', 'given instead of host and port', socket)
  }
  const timeoutMs = durationOption('clamdScanner', 'timeout', timeout, { min: 1 })
  const place: NetConnectOpts =
    socket === undefined
      ? {
          host: stringOption('clamdScanner', 'host', host),
          port: integerOption('clamdScanner', 'port', port, { min: 1, max: 65_535 }),
        }
      : { path: stringOption('clamdScanner', 'socket', socket) }

  return async (file, signal) => {
    const connection = connect(place)
    const stop = AbortSignal.any([signal, AbortSignal.timeout(timeoutMs)])
    const onStop = (): void => void connection.destroy(new Error('The scan was stopped or took too long'))
    stop.addEventListener('abort', onStop, { once: true })
    try {
      if (stop.aborted) onStop()
      const answer = readAnswer(connection)
      await Promise.race([send(connection, file.path), answer])
      return parseAnswer(await answer)
    } finally {
      stop.removeEventListener('abort', onStop)
      connection.destroy()
    }
  }
}

/** The command, and the file in chunks, each with its length before it; a length of zero ends it. */
async function send(connection: Socket, path: string): Promise<void> {
  await write(connection, Buffer.from('zINSTREAM\0'))
  for await (const chunk of createReadStream(path, { highWaterMark: 65_536 })) {
    const length = Buffer.alloc(4)
    length.writeUInt32BE((chunk as Buffer).length)
    await write(connection, length)
    await write(connection, chunk as Buffer)
  }
  await write(connection, Buffer.alloc(4))
}

function write(connection: Socket, bytes: Buffer): Promise<void> {
  return new Promise((resolve, reject) => {
    connection.write(bytes, (error) => (error ? reject(error) : resolve()))
  })
}

/** The line up to the zero byte. clamd may say that a stream is too long and hang up before all of it is sent. */
function readAnswer(connection: Socket): Promise<string> {
  const answer = new Promise<string>((resolve, reject) => {
    let text = ''
    connection.on('data', (piece) => {
      text += piece.toString('latin1')
      const end = text.indexOf('\0')
      if (end !== -1) resolve(text.slice(0, end))
      else if (text.length > longestAnswer) reject(new Error('clamd gave an answer without end'))
    })
    connection.on('error', reject)
    connection.on('close', () => reject(new Error('clamd hung up without an answer')))
  })
  // Sending may fail first; then nobody waits for this one.
  answer.catch(() => undefined)
  return answer
}

function parseAnswer(answer: string): ScanResult {
  if (answer.endsWith(' OK')) return { clean: true }
  const found = /^stream: (.{1,200}) FOUND$/.exec(answer)
  if (found !== null) return { clean: false, signature: found[1] as string }
  throw new Error(`clamd answered: ${answer.replace(/[^\x20-\x7e]/g, '?').slice(0, 200)}`)
}
