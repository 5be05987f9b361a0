import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { createServer, type Server, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals'
import { existsSync, readdirSync } from 'node:fs'
import request from 'supertest'
import { clamdScanner, uploads, type FileScanner } from '../../src/index.js'
import { appOf, express5 } from '../apps.js'
import * as make from './fixtures.js'

let folder: string
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'clamd-'))
})
afterAll(() => rm(folder, { recursive: true, force: true }))

const servers: Server[] = []
afterEach(() => Promise.all(servers.splice(0).map((server) => new Promise((resolve) => server.close(resolve)))))

/** A clamd that speaks INSTREAM as the real one does, and finds a virus in whatever contains `EVIL`. */
async function clamd(
  place: number | string = 0,
  { most = 1e9, answer = '' } = {},
): Promise<{ port: number; received: Buffer[] }> {
  const received: Buffer[] = []
  const server = createServer((socket: Socket) => {
    let bytes = Buffer.alloc(0)
    let begun = false
    const content: Buffer[] = []
    socket.on('error', () => undefined)
    socket.on('data', (chunk) => {
      bytes = Buffer.concat([bytes, chunk])
      if (!begun) {
        const end = bytes.indexOf(0)
        if (end === -1) return
        if (bytes.toString('latin1', 0, end) !== 'zINSTREAM') return socket.end('UNKNOWN COMMAND\0')
        bytes = bytes.subarray(end + 1)
        begun = true
      }
      while (bytes.length >= 4) {
        const length = bytes.readUInt32BE(0)
        if (length === 0) {
          const file = Buffer.concat(content)
          received.push(file)
          return socket.end(answer || (file.includes('EVIL') ? 'stream: Test.Evil.Signature FOUND\0' : 'stream: OK\0'))
        }
        if (bytes.length < 4 + length) return
        content.push(bytes.subarray(4, 4 + length))
        bytes = bytes.subarray(4 + length)
        if (Buffer.concat(content).length > most) return socket.end('INSTREAM size limit exceeded. ERROR\0')
      }
    })
  })
  servers.push(server)
  await new Promise<void>((resolve) => server.listen(place, resolve))
  const address = server.address()
  return { port: typeof address === 'object' && address !== null ? address.port : 0, received }
}

async function scan(
  scanner: FileScanner,
  content: string | Buffer,
  signal = new AbortController().signal,
): Promise<unknown> {
  const path = join(folder, 'scanned')
  await writeFile(path, content)
  return scanner({ path, size: content.length, sha256: '' }, signal)
}

describe('clamdScanner', () => {
  it('[VA-6] sends the whole file by INSTREAM and reads the verdict', async () => {
    const { port, received } = await clamd()
    const scanner = clamdScanner({ port })
    const content = Buffer.alloc(300_000, 'harmless ')
    expect(await scan(scanner, content)).toEqual({ clean: true })
    expect(received[0]?.equals(content)).toBe(true)
    expect(await scan(scanner, `${'x'.repeat(100_000)}EVIL`)).toEqual({
      clean: false,
      signature: 'Test.Evil.Signature',
    })
  })

  it('[VA-6] speaks over a Unix socket too', async () => {
    const socket = join(folder, 'clamd.sock')
    await clamd(socket)
    expect(await scan(clamdScanner({ socket }), 'EVIL')).toEqual({ clean: false, signature: 'Test.Evil.Signature' })
  })

  it('[VA-6] rejects where clamd refuses, talks nonsense, hangs up or is not there', async () => {
    const small = await clamd(0, { most: 1_000 })
    await expect(scan(clamdScanner({ port: small.port }), 'x'.repeat(500_000))).rejects.toThrow()
    const nonsense = await clamd(0, { answer: 'hello\0' })
    await expect(scan(clamdScanner({ port: nonsense.port }), 'x')).rejects.toThrow('clamd answered: hello')
    const endless = await clamd(0, { answer: 'x'.repeat(10_000) })
    await expect(scan(clamdScanner({ port: endless.port }), 'x')).rejects.toThrow()
    const silent = await clamd(0, { answer: ' ' })
    await expect(scan(clamdScanner({ port: silent.port }), 'x')).rejects.toThrow('hung up')
    await expect(scan(clamdScanner({ port: 1 }), 'x')).rejects.toThrow('ECONNREFUSED')
  })

  it('[VA-6] stops when it is told to, or when it takes too long', async () => {
    const server = createServer((connection) => void connection.on('error', () => undefined).resume())
    servers.push(server)
    await new Promise<void>((resolve) => server.listen(0, resolve))
    const { port } = server.address() as { port: number }
    await expect(scan(clamdScanner({ port, timeout: 20 }), 'x')).rejects.toThrow('too long')
    const stop = new AbortController()
    const scanning = scan(clamdScanner({ port }), 'x', stop.signal)
    stop.abort()
    await expect(scanning).rejects.toThrow()
  })

  it('[VA-6] refuses options that cannot work', () => {
    expect(() => clamdScanner({ port: 0 })).toThrow(expect.objectContaining({ option: 'port' }))
    expect(() => clamdScanner({ host: '' })).toThrow(expect.objectContaining({ option: 'host' }))
    expect(() => clamdScanner({ socket: '/x', port: 1 })).toThrow(expect.objectContaining({ option: 'socket' }))
    expect(() => clamdScanner({ timeout: 'x' as never })).toThrow(expect.objectContaining({ option: 'timeout' }))
  })

  it('[VA-6] stands in uploads(): a find is refused, a scanner that fails is 503 or passed over, as told', async () => {
    const { port } = await clamd()
    const stored = join(folder, 'stored')
    const app = (options: object) =>
      appOf(express5, (app) => {
        app.post('/', uploads({ folder: stored, ...options }), (_req, res) => void res.end())
      })
    const post = (options: object, content: string | Buffer) =>
      request(app(options)).post('/').attach('f', Buffer.from(content), 'a.txt')
    const left = (): number => (existsSync(stored) ? readdirSync(stored).length : 0)

    const found = await post({ scanner: clamdScanner({ port }) }, 'EVIL')
    expect([found.status, found.body.errors[0].code, left()]).toEqual([400, 'virus', 0])
    expect(JSON.stringify(found.body)).not.toContain('Test.Evil')
    const down = await post({ scanner: clamdScanner({ port: 1 }) }, 'fine')
    expect([down.status, down.body.code, left()]).toEqual([503, 'ERR_VALIDATION_UPLOAD_SCANNER', 0])
    expect(down.headers['retry-after'] ?? '30').toBe('30')
    const passed = await post({ scanner: clamdScanner({ port: 1 }), scannerFailure: 'accept' }, 'fine')
    expect([passed.status, left()]).toEqual([200, 1])
    const clean = await post({ scanner: clamdScanner({ port }) }, 'fine')
    expect([clean.status, left()]).toEqual([200, 2])
    expect(make.eicar().length).toBe(68)
  })
})
