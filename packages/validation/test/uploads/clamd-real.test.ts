import { spawn, type ChildProcess } from 'node:child_process'
import { mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import { findBinary, freePort, until } from '@hardening/test-utils'
import request from 'supertest'
import { clamdScanner, uploads } from '../../src/index.js'
import { appOf, express5 } from '../apps.js'

const binary = findBinary('clamd', 'TEST_CLAMD')
const itWithClamd = binary === undefined ? it.skip : it

/** A signature of our own, so that no database has to be fetched: whatever holds these words. */
const words = 'a text that this test calls a virus'
const signature = `Test.Words:0:*:${Buffer.from(words).toString('hex')}\n`

let folder: string
let port: number
let daemon: ChildProcess | undefined

const answers = (): Promise<boolean> =>
  new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1', () => socket.end('zPING\0'))
    socket.on('data', () => resolve(true))
    socket.on('error', () => resolve(false))
    socket.on('close', () => resolve(false))
  })

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'clamd-real-'))
  if (binary === undefined) return
  port = await freePort()
  await mkdir(join(folder, 'db'))
  await mkdir(join(folder, 'uploads'))
  await writeFile(join(folder, 'db', 'test.ndb'), signature)
  const settings = [
    'Foreground yes',
    `DatabaseDirectory ${join(folder, 'db')}`,
    `TemporaryDirectory ${folder}`,
    `TCPSocket ${port}`,
    'TCPAddr 127.0.0.1',
    'StreamMaxLength 1M',
    'MaxThreads 2',
  ]
  await writeFile(join(folder, 'clamd.conf'), `${settings.join('\n')}\n`)
  daemon = spawn(binary, ['--config-file', join(folder, 'clamd.conf')], { stdio: 'ignore' })
  await until(answers, { within: 60_000, every: 50 })
}, 90_000)

afterAll(async () => {
  if (daemon !== undefined && daemon.exitCode === null) {
    const ended = new Promise((resolve) => daemon?.once('exit', resolve))
    daemon.kill('SIGKILL')
    await ended
  }
  await rm(folder, { recursive: true, force: true })
})

const scan = async (content: string | Buffer): Promise<unknown> => {
  const path = join(folder, 'scanned')
  await writeFile(path, content)
  return clamdScanner({ port })({ path, size: content.length, sha256: '' }, new AbortController().signal)
}

describe('a real clamd', () => {
  itWithClamd('[VA-6] passes a harmless file and names what it finds in another', async () => {
    expect(await scan(Buffer.alloc(300_000, 'harmless '))).toEqual({ clean: true })
    expect(await scan(`${'x'.repeat(200_000)}${words}`)).toMatchObject({
      clean: false,
      signature: expect.stringContaining('Test.Words'),
    })
  })

  itWithClamd('[VA-6] a file beyond its StreamMaxLength is an error, not a clean one', async () => {
    await expect(scan(Buffer.alloc(3_000_000, 'x'))).rejects.toThrow()
  })

  itWithClamd('[VA-6] an infected upload is refused, and the disk is as before', async () => {
    const directory = join(folder, 'uploads')
    const app = appOf(express5, (app) => {
      app.post('/', uploads({ folder: directory, scanner: clamdScanner({ port }) }), (_req, res) => void res.end())
    })
    const clean = await request(app).post('/').attach('file', Buffer.from('a harmless text'), 'a.txt')
    expect(clean.status).toBe(200)
    const before = await readdir(directory)
    const refused = await request(app).post('/').attach('file', Buffer.from(words), 'b.txt')
    expect(refused.status).toBe(400)
    expect(refused.text).toContain('virus')
    expect(await readdir(directory)).toEqual(before)
  })
})
