import { createHash } from 'node:crypto'
import { watch, type FSWatcher } from 'node:fs'
import { chown, mkdir, mkdtemp, readdir, readFile, rm, stat, symlink, utimes, writeFile } from 'node:fs/promises'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join, relative } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals'
import type { Express } from 'express'
import request from 'supertest'
import { FakeClock, listen, until, type Listening } from '@hardening/test-utils'
import { clamdScanner, uploads, type FileScanner, type UploadsOptions } from '../../src/index.js'
import { UploadFolder } from '../../src/uploads/upload-folder.js'
import { appOf, express5, versions } from '../apps.js'
import * as make from './fixtures.js'

let root: string
let folder: string
let watcher: FSWatcher
let made: Set<string>

beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'disk-'))
  folder = join(root, 'uploads')
  await mkdir(join(folder, 'of-others'), { recursive: true })
  await writeFile(join(folder, 'there-before.png'), make.png())
  await writeFile(join(folder, 'of-others', 'notes.part'), 'not ours')
  made = new Set()
  watcher = watch(folder, (_event, name) => {
    if (name !== null) made.add(name)
  })
})
afterEach(async () => {
  watcher.close()
  await rm(root, { recursive: true, force: true })
})

/** Every file and folder below the root, with what is in it. */
async function disk(): Promise<Record<string, string>> {
  const found: Record<string, string> = {}
  for (const entry of await readdir(root, { recursive: true, withFileTypes: true })) {
    const path = join(entry.parentPath, entry.name)
    const { mode } = await stat(path)
    const content = entry.isFile()
      ? createHash('sha256')
          .update(await readFile(path))
          .digest('hex')
      : 'folder'
    found[relative(root, path)] = `${mode.toString(8)} ${content}`
  }
  return found
}

/** The disk once it is as it was; or as it is when it has not become so. */
async function settled(before: Record<string, string>): Promise<Record<string, string>> {
  const same = async (): Promise<boolean> => JSON.stringify(await disk()) === JSON.stringify(before)
  await until(same).catch(() => undefined)
  return disk()
}

const parts = (): string[] => [...made].filter((name) => name.endsWith('.part'))

function build(express: typeof express5, options: UploadsOptions, status = 200): Express {
  return appOf(express, (app) => {
    app.post('/', uploads({ folder, ...options }), (_req, res) => void res.status(status).end())
  })
}

const good = make.png(3, 4)
const multipart = (...files: readonly (readonly [name: string, bytes: Buffer])[]): Buffer =>
  Buffer.concat([
    ...files.map(([name, bytes]) =>
      Buffer.concat([
        Buffer.from(`--x\r\nContent-Disposition: form-data; name="f"; filename="${name}"\r\n\r\n`),
        bytes,
        Buffer.from('\r\n'),
      ]),
    ),
    Buffer.from('--x--\r\n'),
  ])
const whole = multipart(['a.png', good], ['b.txt', Buffer.alloc(200_000, 'a')], ['c.png', good])
const hangs: FileScanner = () => new Promise(() => undefined)

describe.each(versions)('%s', (_name, express) => {
  it.each<[string, UploadsOptions, Buffer, number]>([
    [
      'a picture that is a bomb',
      {},
      multipart(['a.png', good], ['b.png', make.png(2, 2, { rows: Buffer.alloc(99_999) })]),
      400,
    ],
    [
      'an archive that is a bomb',
      { types: ['zip', 'png'] },
      multipart(['a.png', good], ['b.zip', make.zip([{ name: 'a', content: Buffer.alloc(9_000_000) }])]),
      400,
    ],
    [
      'a polyglot',
      {},
      multipart(['a.png', good], ['b.gif', Buffer.concat([make.gif(), make.zip([{ name: 'A.class' }])])]),
      400,
    ],
    ['the test virus', {}, multipart(['a.png', good], ['b.txt', make.eicar()]), 400],
    ['a script called a picture', {}, multipart(['a.png', good], ['b.png', Buffer.from('#!/bin/sh\n')]), 415],
    ['a name that leaves the folder and a type that is not taken', {}, multipart(['../../../../evil.php', good]), 415],
    ['an empty file', {}, multipart(['a.png', good], ['b.txt', Buffer.alloc(0)]), 400],
    ['a file that is too large', { maxFileSize: '100kb' }, whole, 413],
    ['a body that is too large', { maxTotalSize: '100kb' }, whole, 413],
    ['too many files', { maxFiles: 2 }, whole, 413],
    ['a file in a field that takes none', { fileFields: ['other'] }, whole, 400],
    ['a body that ends in the middle of a file', {}, whole.subarray(0, 100_000), 400],
    ['a body that ends between two files', {}, whole.subarray(0, whole.indexOf('--x', 5)), 400],
    ['a body without its end', {}, whole.subarray(0, -4), 400],
    ['what a scanner refuses', { scanner: () => Promise.resolve({ clean: false, signature: 'X' }) }, whole, 400],
    ['a scanner that fails', { scanner: () => Promise.reject(new Error('no')) }, whole, 503],
    [
      'a scanner that fails at once',
      {
        scanner: () => {
          throw new Error('no')
        },
      },
      whole,
      503,
    ],
    ['a scanner that says nothing of use', { scanner: (() => Promise.resolve({ clean: 'yes' })) as never }, whole, 400],
    ['a clamd that is not there', { scanner: clamdScanner({ socket: '/nowhere/clamd.sock' }) }, whole, 503],
  ])('[VA-6] the disk is as before after %s', async (_what, options, body, status) => {
    const before = await disk()
    const response = await request(build(express, options))
      .post('/')
      .set('content-type', 'multipart/form-data; boundary=x')
      .send(body)
    expect(response.status).toBe(status)
    expect(await settled(before)).toEqual(before)
  })

  it.each([400, 404, 500, 503])('[VA-6] the disk is as before where the handler answers %d', async (status) => {
    const before = await disk()
    const answer = await request(build(express, {}, status))
      .post('/')
      .set('content-type', 'multipart/form-data; boundary=x')
      .send(whole)
    expect(answer.status).toBe(status)
    expect(await settled(before)).toEqual(before)
    expect(parts().length).toBeGreaterThan(0)
  })

  it('[VA-6] the disk has one file more for each that was taken, and nothing else', async () => {
    const before = await disk()
    await request(build(express, {}))
      .post('/')
      .set('content-type', 'multipart/form-data; boundary=x')
      .send(whole)
      .expect(200)
    const after = await disk()
    expect(Object.keys(after)).toHaveLength(Object.keys(before).length + 3)
    expect(after).toMatchObject(before)
  })
})

describe('uploads and the disk', () => {
  let server: Listening
  const headers = (length: number): string =>
    `POST / HTTP/1.1\r\nHost: x\r\nContent-Type: multipart/form-data; boundary=x\r\nContent-Length: ${length}\r\n\r\n`

  it.each([
    ['in the first file', whole.indexOf(good) + 20],
    ['in the second file', 100_000],
    ['in the header of the third file', whole.lastIndexOf('filename')],
    ['before the end', whole.length - 3],
  ])('[VA-6] is as before where the client goes away %s', async (_where, length) => {
    const before = await disk()
    server = await listen(build(express5, {}) as never)
    const socket = connect(server.port, '127.0.0.1')
    socket.write(headers(whole.length))
    socket.write(whole.subarray(0, length))
    await until(() => parts().length > 0)
    socket.destroy()
    expect(await settled(before)).toEqual(before)
    await server.close()
  })

  it('[VA-6] is as before where the client goes away and the scanner never listens', async () => {
    const before = await disk()
    let asked = false
    const scanner: FileScanner = (file, signal) => {
      asked = true
      return hangs(file, signal)
    }
    server = await listen(build(express5, { scanner }) as never)
    const socket = connect(server.port, '127.0.0.1')
    socket.write(headers(whole.length))
    socket.write(whole)
    await until(() => asked)
    socket.destroy()
    expect(await settled(before)).toEqual(before)
    await server.close()
  })

  it('[VA-6] gives a scanner up that hangs, with 503, and is as before', async () => {
    const before = await disk()
    const clock = new FakeClock()
    let asked = 0
    const scanner: FileScanner = (file, signal) => {
      asked++
      return hangs(file, signal)
    }
    server = await listen(build(express5, { scanner, clock, scanTimeout: '20s' }) as never)
    const socket = connect(server.port, '127.0.0.1')
    let answer = ''
    socket.on('data', (chunk) => (answer += chunk.toString()))
    socket.write(headers(whole.length))
    socket.write(whole)
    await until(() => asked === 3)
    await clock.advance(19_000)
    expect(answer).toBe('')
    await clock.advance(2_000)
    await until(() => answer.includes('ERR_VALIDATION_UPLOAD_SCANNER'))
    expect(answer).toMatch(/^HTTP\/1\.1 503/)
    expect(await settled(before)).toEqual(before)
    expect(clock.pending).toBe(0)
    socket.destroy()
    await server.close()
  })

  it('[VA-6] sweeps what a killed process left, and nothing else', async () => {
    const part = (digit: string): string => `00000000-0000-4000-8000-00000000000${digit}.part`
    const twoDaysAgo = new Date(Date.now() - 2 * 24 * 60 * 60 * 1_000)
    for (const name of [part('1'), 'letter.part', 'old.png', `${part('2')}.png`]) {
      await writeFile(join(folder, name), 'x')
      await utimes(join(folder, name), twoDaysAgo, twoDaysAgo)
    }
    await writeFile(join(folder, part('3')), 'somebody writes this now')
    const before = await disk()
    await request(build(express5, {}, 400))
      .post('/')
      .set('content-type', 'multipart/form-data; boundary=x')
      .send(whole)
    delete before[join('uploads', part('1'))]
    expect(await settled(before)).toEqual(before)
  })

  it('[VA-6] does not use a folder in a shared place that somebody else made', async () => {
    const clock = new FakeClock()
    const elsewhere = join(root, 'elsewhere')
    await mkdir(elsewhere)
    await symlink(elsewhere, join(root, 'link'))
    await expect(new UploadFolder(join(root, 'link'), true, clock).prepare()).rejects.toThrow(
      'belongs to somebody else',
    )
    await expect(new UploadFolder(join(root, 'link'), false, clock).prepare()).resolves.toBeUndefined()
    await expect(new UploadFolder(join(root, 'own'), true, clock).prepare()).resolves.toBeUndefined()
    expect((await stat(join(root, 'own'))).mode & 0o777).toBe(0o700)
    // Whoever may, gives one away; for everybody else there is one already.
    const foreign = process.getuid?.() === 0 ? join(root, 'given') : '/'
    if (foreign !== '/') {
      await mkdir(foreign)
      await chown(foreign, 12_345, 12_345)
    }
    await expect(new UploadFolder(foreign, true, clock).prepare()).rejects.toThrow('belongs to somebody else')
  })

  it('[VA-6] is as before where a file cannot be put in its place', async () => {
    const before = await disk()
    const scanner: FileScanner = async ({ path }) => {
      await rm(path)
      return { clean: true }
    }
    const response = await request(build(express5, { scanner }))
      .post('/')
      .set('content-type', 'multipart/form-data; boundary=x')
      .send(whole)
    expect(response.status).toBe(500)
    expect(await settled(before)).toEqual(before)
  })
})
