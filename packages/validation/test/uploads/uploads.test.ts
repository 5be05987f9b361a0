import { createHash } from 'node:crypto'
import { existsSync, readdirSync } from 'node:fs'
import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { request as httpRequest } from 'node:http'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals'
import type { Express, Request, Response } from 'express'
import request from 'supertest'
import { z } from 'zod'
import { channels, stepsOf, type ThreatMessage } from '@hardening/core'
import { FakeClock, listen, until, type Listening } from '@hardening/test-utils'
import { uploads, validate, type FileScanner, type UploadsOptions } from '../../src/index.js'
import { appOf, express5, versions } from '../apps.js'
import * as make from './fixtures.js'

let root: string
let folder: string
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'uploads-'))
  folder = join(root, 'made', 'here')
})
afterEach(() => rm(root, { recursive: true, force: true }))

const onDisk = (): string[] => (existsSync(folder) ? readdirSync(folder) : [])
const gone = (): Promise<unknown> => until(() => onDisk().length === 0)

setFlagsFromString('--expose-gc')
const collectGarbage = runInNewContext('gc') as () => void

type Handler = (req: Request, res: Response) => unknown

function build(express: typeof express5, options: UploadsOptions = {}, handler?: Handler): Express {
  const receive = uploads({ folder, ...options })
  return appOf(express, (app) => {
    app.post('/', receive, (req, res) => {
      if (handler !== undefined) return handler(req, res)
      res.json({ files: receive.files(req), body: req.body as unknown })
    })
  })
}

describe.each(versions)('%s', (_name, express) => {
  it('[VA-6] streams files to the disk under names of its own, and hands on fields', async () => {
    const bytes = make.png(3, 4)
    const { status, body } = await request(build(express))
      .post('/')
      .field('title', 'Grüße')
      .field('tag', 'a')
      .field('tag', 'b')
      .attach('photo', bytes, { filename: '../../Mein Foto.png', contentType: 'image/png' })
      .attach('notes', Buffer.from('hello'), { filename: 'notes.txt', contentType: 'text/plain' })
    expect(status).toBe(200)
    expect(body.body).toEqual({ title: 'Grüße', tag: ['a', 'b'] })
    expect(body.files).toHaveLength(2)
    const photo = body.files.find((file: { field: string }) => file.field === 'photo')
    expect(photo).toMatchObject({
      originalName: 'Mein Foto.png',
      size: bytes.length,
      type: 'png',
      mimeType: 'image/png',
      width: 3,
      height: 4,
      sha256: createHash('sha256').update(bytes).digest('hex'),
    })
    expect(photo.storedName).toMatch(/^[0-9a-f-]{36}\.png$/)
    expect(photo.path).toBe(join(folder, photo.storedName))
    expect((await readFile(photo.path)).equals(bytes)).toBe(true)
    expect((await stat(photo.path)).mode & 0o777).toBe(0o600)
    expect(onDisk()).toHaveLength(2)
  })

  it('[VA-6] lets what is not multipart pass, and stands before validate()', async () => {
    const receive = uploads({ folder })
    const app = appOf(express, (app) => {
      app.post('/json', receive, express.json(), (req, res) => void res.json([req.body, receive.files(req)]))
      app.post(
        '/form',
        receive,
        validate({ body: z.object({ n: z.coerce.number() }) }),
        (req, res) => void res.json(req.body),
      )
    })
    expect((await request(app).post('/json').send({ a: 1 })).body).toEqual([{ a: 1 }, []])
    expect((await request(app).post('/form').field('n', '5')).body).toEqual({ n: 5 })
    expect((await request(app).post('/form').field('n', 'x')).status).toBe(400)
  })

  it('[VA-6] refuses by content, tells why, and leaves nothing', async () => {
    const { status, body } = await request(build(express))
      .post('/')
      .attach('good', make.png(), 'good.png')
      .attach('bad', make.pdf('/AA << /S /JavaScript >>'), 'bad.pdf')
    expect(status).toBe(400)
    expect(body).toEqual({
      code: 'ERR_VALIDATION_UPLOAD_REFUSED',
      detail: 'The file contains a script or action.',
      errors: [{ in: 'body', pointer: '#/bad', code: 'scripted', detail: 'The file contains a script or action.' }],
    })
    expect(onDisk()).toEqual([])
  })

  it.each<[string, UploadsOptions, (post: request.Test) => request.Test, string]>([
    ['a file', { maxFileSize: 100 }, (post) => post.attach('a', Buffer.alloc(101, 97), 'a.txt'), 'file_size'],
    ['the body', { maxTotalSize: 300 }, (post) => post.attach('a', Buffer.alloc(400, 97), 'a.txt'), 'total_size'],
    [
      'the number of files',
      { maxFiles: 1 },
      (post) => post.attach('a', make.png(), 'a.png').attach('b', make.png(), 'b.png'),
      'files',
    ],
    ['the number of fields', { maxFields: 1 }, (post) => post.field('a', '1').field('b', '2'), 'fields'],
    ['a field', { maxFieldSize: 10 }, (post) => post.field('a', '12345678901'), 'field_size'],
    ['the name of a field', {}, (post) => post.field('a'.repeat(201), '1'), 'field_name'],
  ])('[VA-6] bounds %s', async (_what, options, fill, limit) => {
    const { status, body } = await fill(request(build(express, options)).post('/'))
    expect([status, body.code, body.limit]).toEqual([413, 'ERR_VALIDATION_UPLOAD_LIMIT', limit])
    await gone()
  })

  it('[VA-6] takes exactly what its bounds allow', async () => {
    const app = build(express, { maxFileSize: 100, maxFieldSize: 10, maxFiles: 2, maxFields: 1 })
    const { status, body } = await request(app)
      .post('/')
      .field('f', '1234567890')
      .attach('a', Buffer.alloc(100, 97), 'a.txt')
      .attach('b', Buffer.alloc(100, 98), 'b.txt')
    expect([status, body.files?.length]).toEqual([200, 2])
  })

  it('[VA-6] removes what was stored where the handler fails, and keeps what was kept or moved', async () => {
    const receive = uploads({ folder })
    const app = appOf(express, (app) => {
      app.post('/fails', receive, (_req, _res) => {
        throw new Error('no')
      })
      app.post('/keeps', receive, (req, res) => {
        receive.files(req)[0]?.keep()
        res.status(500).end()
      })
      app.post('/moves', receive, async (req, res) => {
        await receive.files(req)[0]?.moveTo(join(root, 'moved.png'))
        res.status(500).json(receive.files(req)[0]?.path)
      })
    })
    await request(app).post('/fails').attach('a', make.png(), 'a.png').expect(500)
    await gone()
    await request(app).post('/keeps').attach('a', make.png(), 'a.png').expect(500)
    const moved = await request(app).post('/moves').attach('a', make.png(), 'a.png').expect(500)
    expect(moved.body).toBe(join(root, 'moved.png'))
    expect(existsSync(join(root, 'moved.png'))).toBe(true)
    expect(onDisk()).toHaveLength(1)
  })

  it('[VA-6] removes what nobody kept after every request, where that is asked for', async () => {
    const app = build(express, { removeUnkept: 'always' })
    await request(app).post('/').attach('a', make.png(), 'a.png').expect(200)
    await gone()
  })

  it.each([
    ['no boundary', 'multipart/form-data', 'x'],
    [
      'an end too soon',
      'multipart/form-data; boundary=x',
      '--x\r\nContent-Disposition: form-data; name="a"; filename="a.txt"\r\n\r\nhalf',
    ],
    ['a broken header', 'multipart/form-data; boundary=x', '--x\r\nContent-Disp\0\r\n\r\n\r\n--x--'],
    [
      'a field without name',
      'multipart/form-data; boundary=x',
      '--x\r\nContent-Disposition: form-data\r\n\r\n1\r\n--x--\r\n',
    ],
    ['nothing', 'multipart/form-data; boundary=x', ''],
  ])('[VA-6] refuses a damaged body: %s', async (_what, type, body) => {
    const response = await request(build(express)).post('/').set('content-type', type).send(body)
    expect([response.status, response.body.code]).toEqual([400, 'ERR_VALIDATION_UPLOAD_MALFORMED'])
    await gone()
  })

  it.each(['__proto__', 'a[__proto__][x]', 'constructor'])('[VA-6] C7 refuses a field called %s', async (name) => {
    const { status, body } = await request(build(express)).post('/').field(name, '1')
    expect([status, body.errors[0].code]).toEqual([400, 'forbidden_key'])
    expect(({} as Record<string, unknown>)['x']).toBeUndefined()
  })
})

describe('uploads', () => {
  it('[VA-6] C12 refuses twenty kinds of bad files, and nothing of any stays on the disk', async () => {
    const app = build(express5, {
      types: ['png', 'gif', 'jpeg', 'pdf', 'txt', 'svg', 'zip', 'docx'],
      maxPixels: 1_000_000,
    })
    const fixtures: readonly (readonly [string, Buffer, string?])[] = [
      ['empty.txt', Buffer.alloc(0)],
      ['shell.php.png', make.png()],
      ['shell.php', Buffer.from('<?php system(1);')],
      ['program.png', Buffer.from('MZ\x90\0\x03')],
      ['page.txt', Buffer.from('<html><script>alert(1)</script>')],
      ['picture.pdf', make.png()],
      ['picture.png', make.png(), 'application/pdf'],
      ['gifar.gif', Buffer.concat([make.gif(), make.zip([{ name: 'A.class' }])])],
      ['script.png', make.png(1, 1, { comment: '<script>' })],
      ['flood.png', make.png(50_000, 50_000)],
      ['script.svg', make.svg('<script>1</script>')],
      ['handler.svg', make.svg('', 'onload="1"')],
      ['script.pdf', make.pdf('/S /JavaScript')],
      ['hidden.pdf', make.pdf('', [make.objectStream('/S /JavaScript ')])],
      ['macro.docx', make.office('word', [{ name: 'word/vbaProject.bin' }])],
      ['bomb.zip', make.zip([{ name: 'a', content: Buffer.alloc(5_000_000) }])],
      ['huge.zip', make.zip([{ name: 'a', wide: 10n * 1024n ** 3n }])],
      ['slip.zip', make.zip([{ name: '../../x' }])],
      ['virus.txt', make.eicar()],
      ['latin1.txt', Buffer.from('caf\xe9', 'latin1')],
      ['exe.\u202egnp.exe', make.png()],
    ]
    expect(fixtures.length).toBeGreaterThanOrEqual(20)
    for (const [filename, bytes, contentType] of fixtures) {
      const options = contentType === undefined ? { filename } : { filename, contentType }
      const { status, body } = await request(app).post('/').attach('file', bytes, options)
      expect([filename, status, body.code]).toEqual([filename, expect.any(Number), 'ERR_VALIDATION_UPLOAD_REFUSED'])
      expect([400, 415]).toContain(status)
      expect([filename, onDisk()]).toEqual([filename, []])
    }
  })

  it('[VA-6] ignores the part of a file that nobody chose', async () => {
    const body =
      '--x\r\nContent-Disposition: form-data; name="file"; filename=""\r\nContent-Type: application/octet-stream\r\n\r\n\r\n--x--\r\n'
    const response = await request(build(express5))
      .post('/')
      .set('content-type', 'multipart/form-data; boundary=x')
      .send(body)
    expect(response.body).toEqual({ files: [], body: {} })
    expect(onDisk()).toEqual([])
  })

  it('[VA-6] bounds the parts that are neither files nor fields', async () => {
    const app = build(express5, { maxFiles: 1, maxFields: 1 })
    const post = (parts: number): request.Test =>
      request(app)
        .post('/')
        .set('content-type', 'multipart/form-data; boundary=x')
        .send(`${'--x\r\nX: y\r\n\r\n1\r\n'.repeat(parts)}--x--\r\n`)
    expect((await post(2)).status).toBe(200)
    const { status, body } = await post(3)
    expect([status, body.limit]).toEqual([413, 'parts'])
  })

  it('[VA-6] takes files in the named fields alone', async () => {
    const app = build(express5, { fileFields: ['avatar'] })
    const { status, body } = await request(app).post('/').attach('other', make.png(), 'a.png')
    expect([status, body.errors[0].code]).toEqual([400, 'unexpected_field'])
    expect((await request(app).post('/').attach('avatar', make.png(), 'a.png')).status).toBe(200)
  })

  it('[VA-6] says so where another parser has read the body before', async () => {
    const receive = uploads({ folder })
    const app = appOf(express5, (app) => {
      app.use(express5.raw({ type: () => true }))
      app.post('/', receive, (_req, res) => void res.end())
    })
    const { status, body } = await request(app).post('/').attach('a', make.png(), 'a.png')
    expect([status, body.code]).toEqual([400, 'ERR_VALIDATION_UPLOAD_MALFORMED'])
  })

  it('[VA-6] tells of attacks, not of mistakes', async () => {
    const told: ThreatMessage[] = []
    const listener = (message: ThreatMessage): void => void told.push(message)
    channels.threat.subscribe(listener)
    try {
      const app = build(express5)
      await request(app).post('/').attach('cv', make.eicar(), 'cv.txt')
      await request(app).post('/').attach('cv', Buffer.alloc(0), 'cv.txt')
    } finally {
      channels.threat.unsubscribe(listener)
    }
    expect(told).toEqual([expect.objectContaining({ kind: 'upload', rule: 'virus', field: 'body.cv', blocked: true })])
  })

  it('[VA-6] hands on the system’s error where it cannot write', async () => {
    await writeFile(join(root, 'blocked'), '')
    const { status, body } = await request(build(express5, { folder: join(root, 'blocked', 'below') }))
      .post('/')
      .attach('a', make.png(), 'a.png')
    expect([status, body.code]).toEqual([500, 'ENOTDIR'])
    expect(readdirSync(root)).toEqual(['blocked'])
  })

  it('[VA-6] is one step and named after its factory', () => {
    const made = uploads({ folder })
    expect(made.name).toBe('uploadsMiddleware')
    expect(stepsOf(made)).toHaveLength(1)
  })

  it.each<[string, Record<string, unknown>]>([
    ['folder', { folder: '' }],
    ['types', { types: [] }],
    ['types', { types: ['docm'] }],
    ['types', { types: ['html'] }],
    ['maxFileSize', { maxFileSize: 'big' }],
    ['maxTotalSize', { maxTotalSize: 0 }],
    ['maxFiles', { maxFiles: 0 }],
    ['maxFields', { maxFields: -1 }],
    ['maxFieldSize', { maxFieldSize: '1zb' }],
    ['maxPixels', { maxPixels: 0 }],
    ['stallTimeout', { stallTimeout: 0 }],
    ['scanner', { scanner: 'clamd' }],
    ['scannerFailure', { scannerFailure: 'ignore' }],
    ['removeUnkept', { removeUnkept: 'never' }],
    ['archive.maxEntries', { archive: { maxEntries: 0 } }],
    ['archive.maxNesting', { archive: { maxNesting: 9 } }],
    ['archive.maxRatio', { archive: { maxRatio: 0.5 } }],
    ['archive.maxUnpackedSize', { archive: { maxUnpackedSize: '-1' } }],
    ['archive.max', { archive: { max: 1 } }],
    ['limit', { limit: 1 }],
  ])('[VA-6] refuses the option %s at creation', (option, options) => {
    expect(() => uploads(options as never)).toThrow(expect.objectContaining({ code: 'ERR_CONFIG_INVALID', option }))
  })

  it('[VA-6] takes undefined for options that are left out', () => {
    expect(() =>
      uploads({ folder: undefined, types: undefined, scanner: undefined, archive: undefined } as never),
    ).not.toThrow()
  })
})

describe('uploads over a socket', () => {
  let server: Listening
  afterEach(() => server.close())

  const head = (length: number | string, name = 'a.txt'): string =>
    `POST / HTTP/1.1\r\nHost: x\r\nContent-Type: multipart/form-data; boundary=x\r\n${
      typeof length === 'number' ? `Content-Length: ${length}` : length
    }\r\n\r\n--x\r\nContent-Disposition: form-data; name="f"; filename="${name}"\r\n\r\n`

  it('[VA-6] leaves nothing on the disk where the client goes away', async () => {
    server = await listen(build(express5) as never)
    const socket = connect(server.port, '127.0.0.1')
    socket.write(head(100_000) + 'a'.repeat(20_000))
    await until(() => onDisk().length === 1)
    socket.destroy()
    await gone()
    expect(onDisk()).toEqual([])
  })

  it('[VA-6] leaves nothing on the disk where the client goes away while its file is scanned', async () => {
    let scanning = false
    let stopped = false
    const scanner = (_file: unknown, signal: AbortSignal): Promise<never> =>
      new Promise((_resolve, reject) => {
        scanning = true
        signal.addEventListener('abort', () => {
          stopped = true
          reject(new Error('stopped'))
        })
      })
    server = await listen(build(express5, { scanner }) as never)
    const body = 'hello\r\n--x--\r\n'
    const full = head('Connection: close\r\nTransfer-Encoding: chunked')
    const start = full.indexOf('\r\n\r\n') + 4
    const payload = full.slice(start) + body
    const socket = connect(server.port, '127.0.0.1')
    socket.write(`${full.slice(0, start)}${payload.length.toString(16)}\r\n${payload}\r\n`)
    await until(() => scanning)
    socket.destroy()
    await until(() => stopped)
    await gone()
    expect(onDisk()).toEqual([])
  })

  it.each([true, false])(
    '[VA-6] leaves nothing where the client has sent all and goes away (scanner listens: %s)',
    async (listens) => {
      let answer: ((clean: { clean: true }) => void) | undefined
      let stopped = false
      const scanner: FileScanner = (_file, signal) =>
        new Promise((resolve, reject) => {
          answer = resolve
          signal.addEventListener('abort', () => {
            stopped = true
            if (listens) reject(new Error('stopped'))
          })
        })
      let handled = false
      server = await listen(build(express5, { scanner }, () => (handled = true)) as never)
      const body = '--x\r\nContent-Disposition: form-data; name="f"; filename="a.txt"\r\n\r\nhello\r\n--x--\r\n'
      const socket = connect(server.port, '127.0.0.1')
      socket.write(
        `POST / HTTP/1.1\r\nHost: x\r\nContent-Type: multipart/form-data; boundary=x\r\nContent-Length: ${body.length}\r\n\r\n${body}`,
      )
      await until(() => answer !== undefined)
      socket.destroy()
      await until(() => stopped)
      answer?.({ clean: true })
      await gone()
      expect([onDisk(), handled]).toEqual([[], false])
    },
  )

  it('[VA-6] gives up where no byte comes for too long', async () => {
    const clock = new FakeClock()
    server = await listen(build(express5, { clock, stallTimeout: '10s' }) as never)
    const socket = connect(server.port, '127.0.0.1')
    let answer = ''
    socket.on('data', (chunk) => (answer += chunk.toString()))
    socket.write(head(100_000) + 'a'.repeat(20_000))
    await until(() => onDisk().length === 1)
    await clock.advance(9_000)
    expect(answer).toBe('')
    await clock.advance(2_000)
    await until(() => answer.includes('ERR_VALIDATION_UPLOAD_STALLED'))
    expect(answer).toMatch(/^HTTP\/1\.1 408/)
    await gone()
    expect(clock.pending).toBe(0)
    socket.destroy()
  })

  it('[VA-6] answers before it has received what it refuses, and takes no endless rest', async () => {
    server = await listen(build(express5, { maxTotalSize: '1mb', maxFileSize: '1mb' }) as never)
    const answer = await new Promise<string>((resolve, reject) => {
      const client = httpRequest({
        port: server.port,
        method: 'POST',
        headers: { 'content-type': 'multipart/form-data; boundary=x' },
      })
      client.on('error', reject).on('response', (response) => {
        let text = ''
        response.on('data', (chunk) => (text += String(chunk))).on('end', () => resolve(text))
      })
      // Not ended: the rest of the program never comes.
      client.write(
        `--x\r\nContent-Disposition: form-data; name="f"; filename="a.png"\r\n\r\nMZ${'\x90'.repeat(10_000)}`,
      )
    })
    expect(answer).toContain('type_not_allowed')
    expect(onDisk()).toEqual([])

    const socket = connect(server.port, '127.0.0.1')
    let closed = false
    socket.on('close', () => (closed = true)).on('error', () => undefined)
    socket.write(head(100_000_000))
    const chunk = 'a'.repeat(65_536)
    let sent = 0
    while (!closed && sent < 100_000_000) {
      if (!socket.write(chunk)) await new Promise((resolve) => socket.once('drain', resolve).once('close', resolve))
      sent += chunk.length
    }
    await until(() => closed)
    expect(sent).toBeLessThan(20_000_000)
    await gone()
  })

  it('[VA-6] receives 50 MB in constant memory', async () => {
    server = await listen(build(express5, { maxFileSize: '60mb' }) as never)
    const piece = Buffer.alloc(65_536, 'The quick brown fox. ')
    const pieces = 800
    collectGarbage()
    const before = process.memoryUsage().arrayBuffers
    let most = 0
    const answer = await new Promise<string>((resolve, reject) => {
      const client = httpRequest({
        port: server.port,
        method: 'POST',
        headers: { 'content-type': 'multipart/form-data; boundary=x' },
      })
      client.on('error', reject).on('response', (response) => {
        let text = ''
        response.on('data', (chunk) => (text += String(chunk))).on('end', () => resolve(text))
      })
      client.write('--x\r\nContent-Disposition: form-data; name="f"; filename="a.txt"\r\n\r\n')
      let left = pieces
      const send = (): void => {
        while (left-- > 0) {
          // What is garbage already counts for nothing: when it goes is the engine's business.
          if (left % 40 === 0) {
            collectGarbage()
            most = Math.max(most, process.memoryUsage().arrayBuffers - before)
          }
          if (!client.write(piece)) {
            client.once('drain', send)
            return
          }
        }
        client.end('\r\n--x--\r\n')
      }
      send()
    })
    expect(JSON.parse(answer).files[0].size).toBe(piece.length * pieces)
    // Of the 52 MB, buffers of both ends of the connection and of the disk are held, never the file.
    expect(most).toBeLessThan(8 * 1024 * 1024)
  }, 60_000)
})
