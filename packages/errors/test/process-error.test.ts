import { spawn } from 'node:child_process'
import { once } from 'node:events'
import fs, { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, describe, expect, it, jest } from '@jest/globals'
import { ConfigError } from '@hardening/core'
import { type CompiledPackages, compilePackages, FakeClock } from '@hardening/test-utils'
import { onProcessError, type OnProcessErrorOptions } from '../src/index.js'

jest.setTimeout(60_000)

let compiled: CompiledPackages
beforeAll(() => {
  compiled = compilePackages('core', 'errors')
})
afterAll(() => compiled.remove())

let count = 0

/** Runs a script in a process of its own, with `say` for lines on stdout. */
async function run(
  script: string,
  onOutput: (stdout: string) => void = () => {},
): Promise<{ code: number | null; lines: string[]; stderr: string }> {
  const file = join(compiled.folder, `script-${count++}.js`)
  const head = `
    const { onProcessError } = require('@hardening/errors')
    const { writeSync } = require('node:fs')
    const say = (...words) => writeSync(1, words.join(' ') + '\\n')
    const logger = { error: (message, fields) => say('log', message, String(fields.error?.message ?? fields.error), fields.origin) }
    const stayAlive = () => setInterval(() => {}, 1000)
  `
  writeFileSync(file, head + script)
  const child = spawn(process.execPath, [file], { cwd: compiled.folder, stdio: ['ignore', 'pipe', 'pipe'] })
  let stdout = ''
  let stderr = ''
  child.stdout.on('data', (chunk: Buffer) => {
    stdout += chunk.toString()
    onOutput(stdout)
  })
  child.stderr.on('data', (chunk: Buffer) => (stderr += chunk.toString()))
  const [code] = (await once(child, 'close')) as [number | null]
  return { code, lines: stdout.split('\n').filter((line) => line !== ''), stderr }
}

describe('onProcessError', () => {
  it.each([
    ['unhandledRejection', 'Unhandled rejection', "Promise.reject(new Error('lost'))"],
    ['uncaughtException', 'Uncaught exception', "setImmediate(() => { throw new Error('lost') })"],
  ])('[ER-3] D11 %s: logged, flushed, drained, exit 1, in this order and once', async (origin, message, fail) => {
    const { code, lines } = await run(`
      onProcessError({
        logger,
        flush: async () => { say('flush'); await new Promise((resolve) => setTimeout(resolve, 20)); say('flushed') },
        drain: async () => { say('drain'); await new Promise((resolve) => setTimeout(resolve, 20)); say('drained') },
      })
      process.on('exit', (code) => say('exit', code))
      stayAlive()
      ${fail}
    `)
    expect(lines).toEqual([`log ${message} lost ${origin}`, 'flush', 'flushed', 'drain', 'drained', 'exit 1'])
    expect(code).toBe(1)
  })

  it('[ER-3] D11 logs errors that come meanwhile, and starts no second end', async () => {
    const { code, lines } = await run(`
      onProcessError({
        logger,
        flush: () => { say('flush'); Promise.reject(new Error('second')); setImmediate(() => { throw new Error('third') }) },
        drain: () => new Promise((resolve) => setTimeout(resolve, 50)).then(() => say('drained')),
      })
      stayAlive()
      Promise.reject(new Error('first'))
    `)
    expect(lines).toEqual([
      'log Unhandled rejection first unhandledRejection',
      'flush',
      'log Unhandled rejection second unhandledRejection',
      'log Uncaught exception third uncaughtException',
      'drained',
    ])
    expect(code).toBe(1)
  })

  it('[ER-3] D11 ends at the deadline where flush and drain hang', async () => {
    const { code, lines, stderr } = await run(`
      const never = () => new Promise(() => {})
      onProcessError({ logger, flush: never, drain: () => { say('drain'); return never() }, deadline: 100 })
      stayAlive()
      Promise.reject(new Error('lost'))
    `)
    expect(lines).toEqual(['log Unhandled rejection lost unhandledRejection', 'drain'])
    expect(stderr).toContain('onProcessError: flush took too long')
    expect(stderr).toContain('onProcessError: drain took too long')
    expect(code).toBe(1)
  })

  it('[ER-3] D11 drains where flush fails, and logs why', async () => {
    const { code, lines } = await run(`
      onProcessError({
        logger,
        flush: () => { throw new Error('flush failed') },
        drain: async () => { say('drain'); throw new Error('drain failed') },
      })
      stayAlive()
      Promise.reject(new Error('lost'))
    `)
    expect(lines).toEqual([
      'log Unhandled rejection lost unhandledRejection',
      'log Unhandled rejection flush failed unhandledRejection',
      'drain',
      'log Unhandled rejection drain failed unhandledRejection',
    ])
    expect(code).toBe(1)
  })

  it('[ER-3] D11 finishes the request in flight and takes no new one', async () => {
    let first: Promise<string> | undefined
    let second: Promise<unknown> | undefined
    const { code, lines } = await run(
      `
        const http = require('node:http')
        let finish
        const server = http.createServer((req, res) => {
          finish = () => res.end('answered')
          Promise.reject(new Error('lost'))
        })
        const close = () => new Promise((resolve) => {
          server.close(resolve)
          say('closing')
          // The second client has knocked by then, and nobody has opened.
          setTimeout(finish, 200)
        })
        onProcessError({ logger, drain: close })
        server.listen(0, '127.0.0.1', () => say('port', server.address().port, '.'))
      `,
      (stdout) => {
        const port = /port (\d+) \./.exec(stdout)?.[1]
        if (port === undefined) return
        first ??= fetch(`http://127.0.0.1:${port}`, { headers: { connection: 'close' } }).then((answer) =>
          answer.text(),
        )
        if (stdout.includes('closing')) {
          second ??= fetch(`http://127.0.0.1:${port}`).catch((error: Error) => (error.cause as { code?: string }).code)
        }
      },
    )
    expect(await first).toBe('answered')
    expect(await second).toBe('ECONNREFUSED')
    expect(lines.slice(1)).toEqual(['log Unhandled rejection lost unhandledRejection', 'closing'])
    expect(code).toBe(1)
  })

  it('[ER-3] D11 exits with 1 where nothing keeps the process alive', async () => {
    const { code, lines } = await run(`
      onProcessError({ logger, flush: () => new Promise(() => {}) })
      Promise.reject(new Error('lost'))
    `)
    expect([code, lines]).toEqual([1, ['log Unhandled rejection lost unhandledRejection']])
  })

  it.each(["'a string'", 'null', 'undefined', 'Object.freeze({})', 'Object.create(null)', '10n', "Symbol('x')"])(
    '[ER-3] D11 ends in good order when %s is thrown',
    async (thrown) => {
      const { code, stderr } = await run(`
        onProcessError()
        stayAlive()
        Promise.reject(${thrown})
      `)
      expect(code).toBe(1)
      expect(stderr).toMatch(/^Unhandled rejection: /)
    },
  )

  it('[ER-3] D11 writes the stack to stderr where there is no logger, or it fails', async () => {
    const none = await run("onProcessError(); stayAlive(); Promise.reject(new Error('lost'))")
    expect(none.stderr).toMatch(/^Unhandled rejection: Error: lost\n {4}at /)
    const broken = await run(`
      onProcessError({ logger: { error() { throw new Error('logger broken') } } })
      stayAlive()
      Promise.reject(new Error('lost'))
    `)
    expect(broken.stderr).toContain('Unhandled rejection: Error: lost')
    expect(broken.stderr).toContain('Error: logger broken')
    expect([none.code, broken.code]).toEqual([1, 1])
  })

  it('[ER-3] does nothing to a process that fails nowhere, and lets go by close()', async () => {
    const fine = await run("onProcessError({ logger }); say('fine')")
    expect([fine.code, fine.lines]).toEqual([0, ['fine']])
    const closed = await run("onProcessError({ logger }).close(); Promise.reject(new Error('lost'))")
    expect([closed.code, closed.lines]).toEqual([1, []])
    expect(closed.stderr).toContain('Error: lost')
  })
})

describe('onProcessError on a clock', () => {
  /** What `onProcessError` hears of and does, with the exit taken down instead of done. */
  function inProcess(options: OnProcessErrorOptions) {
    const exits: unknown[] = []
    const stderr: string[] = []
    const clock = new FakeClock()
    jest.spyOn(process, 'exit').mockImplementation(((code: number) => void exits.push(code)) as never)
    jest.spyOn(fs, 'writeSync').mockImplementation((_fd: number, text: string) => stderr.push(text))
    const handle = onProcessError({ clock, ...options })
    const fail = (error: unknown): void => void process.emit('uncaughtException', error as Error)
    return { exits, stderr, clock, handle, fail }
  }

  afterEach(() => {
    jest.restoreAllMocks()
    process.exitCode = undefined
  })

  const never = (): Promise<void> => new Promise(() => {})

  it('[ER-3] D11 gives flush half of the deadline and drain the rest, and exits once', async () => {
    const drain = jest.fn(never)
    const { exits, stderr, clock, handle, fail } = inProcess({
      logger: { error: () => {} },
      flush: never,
      drain,
      deadline: '10s',
    })
    fail(new Error('first'))
    expect(process.exitCode).toBe(1)
    await clock.advance(4_999)
    expect(drain).not.toHaveBeenCalled()
    await clock.advance(1)
    expect(drain).toHaveBeenCalledTimes(1)
    fail(new Error('second'))
    await clock.advance(4_999)
    expect(exits).toEqual([])
    await clock.advance(1)
    expect(exits).toEqual([1])
    await clock.advance(60_000)
    expect(exits).toEqual([1])
    expect(stderr).toEqual(['onProcessError: flush took too long\n', 'onProcessError: drain took too long\n'])
    expect(clock.pending).toBe(0)
    handle.close()
  })

  it('[ER-3] D11 gives drain what a quick flush leaves', async () => {
    const { exits, clock, handle, fail } = inProcess({ logger: { error: () => {} }, drain: never, deadline: '10s' })
    fail(new Error('x'))
    await clock.advance(9_999)
    expect(exits).toEqual([])
    await clock.advance(1)
    expect(exits).toEqual([1])
    handle.close()
  })

  it('[ER-3] D11 logs an error whose logger fails, and values that cannot be printed', async () => {
    const logger = {
      error: () => {
        throw new Error('logger broken')
      },
    }
    const { exits, stderr, clock, handle, fail } = inProcess({ logger })
    fail(Object.create(null))
    await clock.advance(0)
    expect(stderr[0]).toBe('Uncaught exception: an unreadable value\n')
    expect(stderr[1]).toContain('Uncaught exception: Error: logger broken')
    expect(exits).toEqual([1])
    handle.close()
  })

  it('[ER-3] hears nothing after close()', async () => {
    const error = jest.fn()
    const { exits, clock, handle, fail } = inProcess({ logger: { error } })
    handle.close()
    process.once('uncaughtException', () => {})
    fail(new Error('x'))
    await clock.advance(60_000)
    expect([error.mock.calls, exits]).toEqual([[], []])
  })
})

describe('options of onProcessError', () => {
  it.each([
    ['logger', {}],
    ['logger', null],
    ['flush', 1],
    ['drain', 'x'],
    ['deadline', 'soon'],
    ['deadline', 0],
    ['clock2', {}],
  ])('[ER-3] refuse %s: %p at creation', (option, value) => {
    expect(() => onProcessError({ [option]: value })).toThrow(ConfigError)
    expect(() => onProcessError({ [option]: value })).toThrow(`\`${option}\``)
  })

  it('[ER-3] may be undefined', () => {
    const all = { logger: undefined, flush: undefined, drain: undefined, deadline: undefined, clock: undefined }
    expect(() => onProcessError(all as object).close()).not.toThrow()
  })
})
