import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals'
import { Batches } from '../src/batches.js'
import { FileSink } from '../src/sink.js'

describe('batches of lines', () => {
  /** Takes batches as a destination does that is one behind: each is read only when the next has been taken. */
  function drain(batches: Batches): string {
    let text = ''
    let flying: Buffer | undefined
    for (;;) {
      const batch = batches.take()
      if (flying !== undefined) {
        text += flying.toString()
        batches.giveBack(flying)
      }
      if (batch === undefined) return text
      flying = batch
    }
  }

  it.each([1, 500, 4_096, 65_536])('[LO-6] keep every line whole and in order, at %i bytes a batch', (size) => {
    const batches = new Batches(size)
    const lines = Array.from({ length: 3_000 }, (_, at) => `${at} ${'é€😀'.repeat(at % 40)}`)
    lines[1_500] = 'x'.repeat(300_000)
    let text = ''
    for (const [at, line] of lines.entries()) {
      batches.add(line)
      if (at % 701 === 0) text += drain(batches)
    }
    text += drain(batches)
    expect(text).toBe(lines.map((line) => `${line}\n`).join(''))
    expect(batches.waiting).toBe(0)
  })

  it('[LO-6] know how much waits, as bytes where it is bytes', () => {
    const batches = new Batches(65_536)
    batches.add('é'.repeat(10))
    expect(batches.waiting).toBe(11)
    expect(batches.close()).toBe(1)
    expect(batches.waiting).toBe(21)
    expect(batches.take()?.length).toBe(21)
    expect(batches.close()).toBe(1)
    expect(batches.take()).toBeUndefined()
  })

  it('[LO-6] write into memory again that was given back, and into no other', () => {
    const batches = new Batches(100)
    const taken: Buffer[] = []
    for (let at = 0; at < 4; at++) {
      batches.add(`line ${at}`)
      taken.push(batches.take() as Buffer)
      if (at === 1) batches.giveBack(taken[0] as Buffer)
    }
    expect(taken.map(String)).toEqual(['line 2\n', 'line 1\n', 'line 2\n', 'line 3\n'])
  })
})

describe('a file', () => {
  let folder: string
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'hardening-batches-'))
  })
  afterEach(() => rmSync(folder, { recursive: true }))

  it('[LO-6] a flush waits for what was logged before it, not for what others go on logging', async () => {
    const file = join(folder, 'a.log')
    const sink = new FileSink(file, { batchSize: 100 })
    let isOver = false
    const goOn = (): void => {
      sink.write('one more')
      if (!isOver) setImmediate(goOn)
    }
    sink.write('the first')
    goOn()
    await sink.flush()
    expect(readFileSync(file, 'utf8')).toMatch(/^the first\n/)
    isOver = true
    await sink.close()
  })

  it('[LO-6] what is logged while it closes is written too', async () => {
    const file = join(folder, 'a.log')
    const sink = new FileSink(file)
    sink.write('before')
    const closed = sink.close()
    sink.write('meanwhile')
    await closed
    sink.write('behind')
    expect(readFileSync(file, 'utf8')).toBe('before\nmeanwhile\n')
  })
})
