import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals'
import { until } from '@hardening/test-utils'
import { compiledFolder } from './compiled.js'

jest.setTimeout(60_000)

let compiled: ReturnType<typeof compiledFolder>
beforeAll(() => {
  compiled = compiledFolder()
})
afterAll(() => compiled.remove())

let count = 0

/** Runs a script in a process of its own; gives what it wrote to stdout, read as slowly as `read` likes. */
async function run(script: string, { kill, paused = false }: { kill?: NodeJS.Signals; paused?: boolean } = {}) {
  const file = join(compiled.folder, `script-${count++}.js`)
  writeFileSync(
    file,
    `const { createLogger, FileSink } = require('@hardening/logging')\nconst { writeSync } = require('node:fs')\n${script}`,
  )
  const child = spawn(process.execPath, [file], { cwd: compiled.folder, stdio: ['ignore', 'pipe', 'pipe'] })
  let stdout = ''
  let stderr = ''
  if (!paused) child.stdout.on('data', (chunk: Buffer) => (stdout += chunk.toString()))
  child.stderr.on('data', (chunk: Buffer) => (stderr += chunk.toString()))
  if (kill !== undefined) {
    await until(() => stderr.includes('ready'), { within: 20_000 })
    child.kill(kill)
  }
  const [code, signal] = (await once(child, paused ? 'exit' : 'close')) as [number | null, NodeJS.Signals | null]
  child.stdout.destroy()
  return { code, signal, stdout, stderr }
}

const write = `for (let at = 0; at < 1000; at++) logger.info('line', { at, text: 'x'.repeat(100) })\n`
const ends: [string, string, { kill?: NodeJS.Signals }, number | null][] = [
  ['process.exit', 'process.exit(3)', {}, 3],
  ['the end of the program', '', {}, 0],
  ['an uncaught exception', `throw new Error('crash')`, {}, 1],
  ['an unhandled rejection', `Promise.reject(new Error('crash'))`, {}, 1],
  ['SIGTERM', `setInterval(() => {}, 1000); writeSync(2, 'ready')`, { kill: 'SIGTERM' }, null],
  ['SIGINT', `setInterval(() => {}, 1000); writeSync(2, 'ready')`, { kill: 'SIGINT' }, null],
]

describe('a process with a logger', () => {
  it.each(ends)('[LO-6] E8 %s loses none of 1,000 lines on stdout', async (_end, end, how, code) => {
    const result = await run(`const logger = createLogger()\n${write}${end}`, how)
    const lines = result.stdout
      .trim()
      .split('\n')
      .map((line) => (JSON.parse(line) as { at: number }).at)
    expect(lines).toEqual(Array.from({ length: 1000 }, (_, at) => at))
    expect(result.code).toBe(code)
    if (how.kill !== undefined) expect(result.signal).toBe(how.kill)
  })

  it('[LO-6] E8 closing the logger brings 1,000 lines to a File transport of winston before the process exits', async () => {
    const file = join(compiled.folder, `transport-${count}.log`)
    const result = await run(`
      const { File } = require('winston').transports
      const logger = createLogger({ transports: [new File({ filename: ${JSON.stringify(file)} })] })
      ${write}
      void logger.close().then(() => process.exit(3))
    `)
    expect(result.code).toBe(3)
    const lines = readFileSync(file, 'utf8').trim().split('\n')
    expect(lines.map((line) => (JSON.parse(line) as { at: number }).at)).toEqual(
      Array.from({ length: 1000 }, (_, at) => at),
    )
    expect(result.stdout.trim().split('\n')).toHaveLength(1000)
  })

  it('[LO-1] loads winston only where a logger has transports of it', async () => {
    const loaded = `Object.keys(require.cache).some((file) => /node_modules.winston.lib/.test(file))`
    const { stdout } = await run(`
      const { Writable } = require('node:stream')
      const sink = { write() {}, flush: async () => {}, close: async () => {} }
      createLogger({ sink }).info('none')
      const before = ${loaded}
      const transport = Object.assign(new Writable({ objectMode: true, write: (_1, _2, done) => done() }), { log() {} })
      const logger = createLogger({ sink, transports: [transport] })
      void logger.close().then(() => process.stdout.write(JSON.stringify([before, ${loaded}])))
    `)
    expect(JSON.parse(stdout)).toEqual([false, true])
  })

  it.each(ends)('[LO-6] E8 %s loses none of 1,000 lines in a file', async (_end, end, how, code) => {
    const file = join(compiled.folder, `log-${count}.log`)
    const result = await run(`const logger = createLogger({ file: ${JSON.stringify(file)} })\n${write}${end}`, how)
    const lines = readFileSync(file, 'utf8')
      .trim()
      .split('\n')
      .map((line) => (JSON.parse(line) as { at: number }).at)
    expect(lines).toEqual(Array.from({ length: 1000 }, (_, at) => at))
    expect(result.code).toBe(code)
  })

  it('[LO-6] two loggers both write what waits at SIGTERM', async () => {
    const { stdout, signal } = await run(
      `const one = createLogger({ service: 'one' }); const two = createLogger({ service: 'two' })
       one.info('a'); two.info('b'); setInterval(() => {}, 1000); writeSync(2, 'ready')`,
      { kill: 'SIGTERM' },
    )
    expect(stdout.trim().split('\n')).toHaveLength(2)
    expect(signal).toBe('SIGTERM')
  })

  it('[LO-6] thirty loggers make Node warn of nothing, and all write what waits', async () => {
    const { stdout, stderr, signal } = await run(
      `for (let at = 0; at < 30; at++) createLogger({ service: 's' + at }).info('line')
       setInterval(() => {}, 1000); writeSync(2, 'ready')`,
      { kill: 'SIGTERM' },
    )
    expect(stdout.trim().split('\n')).toHaveLength(30)
    expect([stderr, signal]).toEqual(['ready', 'SIGTERM'])
  })

  it('[LO-6] lets go of signals and exit with the last logger', async () => {
    const { stdout } = await run(
      `const loggers = [createLogger({ file: 'a.log' }), createLogger({ file: 'b.log' })]
       const count = () => ['exit', 'SIGTERM', 'SIGINT', 'SIGHUP'].map((name) => process.listenerCount(name)).join()
       const during = count()
       Promise.all(loggers.map((logger) => logger.close())).then(() => writeSync(1, during + ' ' + count()))`,
    )
    expect(stdout).toBe('1,1,1,1 0,0,0,0')
  })

  it('[LO-6] leaves a signal to the application that listens for it', async () => {
    const { code, stdout } = await run(
      `const logger = createLogger(); logger.info('a'); setInterval(() => {}, 1000)
       process.on('SIGTERM', () => { logger.info('b'); setTimeout(() => process.exit(7), 10) }); writeSync(2, 'ready')`,
      { kill: 'SIGTERM' },
    )
    expect(code).toBe(7)
    expect(stdout.trim().split('\n')).toHaveLength(2)
  })

  it('[LO-6] keeps no process alive', async () => {
    expect((await run(`createLogger(); createLogger({ file: 'idle.log' })`)).code).toBe(0)
  })

  it('[LO-6] a reader that does not read blocks nobody, and memory stays bounded', async () => {
    const { code, stderr } = await run(
      `const sink = new FileSink(1, { maxWaiting: 1e6 })
       const logger = createLogger({ sink })
       let turns = 0
       const begin = process.hrtime.bigint()
       const timer = setInterval(() => {
         for (let at = 0; at < 5000; at++) logger.info('line', { text: 'x'.repeat(100) })
         if (++turns < 20) return
         clearInterval(timer)
         writeSync(2, 'turns ' + turns + ' dropped ' + (sink.dropped > 0))
         process.exit(0)
       }, 1)`,
      { paused: true },
    )
    expect(stderr).toContain('turns 20 dropped true')
    expect(code).toBe(0)
  })

  it('[LO-6] a reader that has gone (EPIPE) ends nothing', async () => {
    const file = join(compiled.folder, `gone-${count}.js`)
    writeFileSync(
      file,
      `const { createLogger, FileSink } = require('@hardening/logging')
       const sink = new FileSink(1)
       const logger = createLogger({ sink })
       process.stdin.once('data', async () => {
         for (let at = 0; at < 1000; at++) logger.info('line')
         await logger.flush()
         require('node:fs').writeSync(2, 'alive, dropped ' + sink.dropped)
         process.exit(0)
       })`,
    )
    const child = spawn(process.execPath, [file], { cwd: compiled.folder, stdio: ['pipe', 'pipe', 'pipe'] })
    let stderr = ''
    child.stderr.on('data', (chunk: Buffer) => (stderr += chunk.toString()))
    child.stdout.destroy()
    child.stdin.write('go')
    const [code] = (await once(child, 'close')) as [number]
    expect({ code, stderr }).toEqual({ code: 0, stderr: 'alive, dropped 1000' })
  })

  it('[LO-6] a standard output that is closed ends nothing, and what is lost is counted', async () => {
    const closed = await run(
      `require('node:fs').closeSync(1)
       const sink = new FileSink(1)
       const logger = createLogger({ sink })
       for (let at = 0; at < 1000; at++) logger.info('line')
       logger.flush().then(() => writeSync(2, 'alive, dropped ' + sink.dropped))`,
    )
    expect([closed.code, closed.stderr]).toEqual([0, 'alive, dropped 1000'])
  })

  const full = existsSync('/dev/full') ? it : it.skip
  full('[LO-6] a full disk ends nothing, and what is lost is counted', async () => {
    const { code, stderr } = await run(
      `const sink = new FileSink('/dev/full')
       const logger = createLogger({ sink })
       for (let at = 0; at < 1000; at++) logger.info('line')
       logger.flush().then(() => writeSync(2, 'alive, dropped ' + sink.dropped))`,
    )
    expect({ code, stderr }).toEqual({ code: 0, stderr: 'alive, dropped 1000' })
  })

  it('[LO-6] a file that takes no more ends nothing; when it does again, no line is glued to half of another', async () => {
    const file = join(compiled.folder, `full-${count}.log`)
    const script = join(compiled.folder, `script-${count++}.js`)
    writeFileSync(
      script,
      `const { createLogger, FileSink } = require('@hardening/logging')
       const { readFileSync, truncateSync } = require('node:fs')
       const file = ${JSON.stringify(file)}
       const sink = new FileSink(file)
       const logger = createLogger({ sink })
       const lines = () => readFileSync(file, 'utf8').split('\\n')
       void (async () => {
         for (let at = 0; at < 1000; at++) logger.info('line', { at, text: 'x'.repeat(100) })
         await logger.flush()
         const before = lines()
         // Somebody has made room, and the file still ends in half a line.
         truncateSync(file, 1000)
         const torn = lines()
         for (let at = 1000; at < 1010; at++) logger.info('line', { at })
         await logger.close()
         const after = lines().slice(torn.length)
         console.log(JSON.stringify({ before: before.length - 1, dropped: sink.dropped, torn: torn.at(-1).length > 0, after }))
       })()`,
    )
    // The shell's limit of 16 kB a file fails as a full disk does: part of a batch is written, then nothing.
    const child = spawn('bash', ['-c', `ulimit -f 16; exec "${process.execPath}" "${script}"`], {
      cwd: compiled.folder,
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    let stdout = ''
    child.stdout.on('data', (chunk: Buffer) => (stdout += chunk.toString()))
    const [code] = (await once(child, 'close')) as [number]
    expect(code).toBe(0)
    const { before, dropped, torn, after } = JSON.parse(stdout) as Record<string, number> & { after: string[] }
    expect(before).toBeGreaterThan(10)
    expect(torn).toBe(true)
    expect((before as number) + (dropped as number)).toBe(1000)
    expect(after.filter((line) => line !== '').map((line) => (JSON.parse(line) as { at: number }).at)).toEqual(
      Array.from({ length: 10 }, (_, at) => 1000 + at),
    )
  })

  it('[LO-1] rotates by size, keeps so many files, and loses no line of those kept', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'hardening-rotation-'))
    const file = join(folder, 'app.log')
    await run(
      `const logger = createLogger({ sink: new FileSink(${JSON.stringify(file)}, { batchSize: 500, rotation: { maxSize: '20kb', keep: 3 } }) })
       const step = async (from) => {
         for (let at = from; at < from + 20; at++) logger.info('line', { at, text: 'x'.repeat(100) })
         await logger.flush()
         if (from + 20 < 1000) await step(from + 20)
       }
       step(0)`,
    )
    const names = ['app.log.3', 'app.log.2', 'app.log.1', 'app.log']
    const kept = names.flatMap((name) => readFileSync(join(folder, name), 'utf8').trim().split('\n'))
    const numbers = kept.map((line) => (JSON.parse(line) as { at: number }).at)
    expect(numbers).toEqual(Array.from({ length: numbers.length }, (_, at) => 1000 - numbers.length + at))
    for (const name of names) expect(readFileSync(join(folder, name)).length).toBeLessThanOrEqual(20 * 1024)
    expect(existsSync(join(folder, 'app.log.4'))).toBe(false)
    rmSync(folder, { recursive: true })
  })
})
