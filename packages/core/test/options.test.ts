import { describe, expect, it } from '@jest/globals'
import {
  ConfigError,
  booleanOption,
  choiceOption,
  durationOption,
  functionOption,
  integerOption,
  numberOption,
  parseDuration,
  parseSize,
  rejectUnknownOptions,
  sizeOption,
  stringOption,
} from '../src/index.js'

describe('durations', () => {
  it.each([
    ['150ms', 150],
    ['30s', 30_000],
    ['1m', 60_000],
    ['2h', 7_200_000],
    ['7d', 604_800_000],
    ['1.5s', 1500],
    [0, 0],
    [250, 250],
  ])('[CO-1] reads %p as %p milliseconds', (value, ms) => {
    expect(parseDuration(value)).toBe(ms)
  })

  it.each(['', '1', '1 s', 's', '-1s', '1S', '1e3ms', '1w', -1, Number.NaN, Infinity, null, {}, '9'.repeat(40) + 'd'])(
    '[CO-1] refuses %p as a duration',
    (value) => {
      expect(parseDuration(value)).toBeUndefined()
      expect(() => durationOption('f', 'window', value)).toThrow(/^f: `window` must be a duration/)
    },
  )

  it('[CO-1] holds a duration to its bounds, the longest timer of Node by default', () => {
    expect(durationOption('f', 'o', 2_147_483_647)).toBe(2_147_483_647)
    expect(() => durationOption('f', 'o', 2_147_483_648)).toThrow(ConfigError)
    expect(() => durationOption('f', 'o', '1s', { min: 2000 })).toThrow('from 2000 ms')
    expect(() => durationOption('f', 'o', '1s', { max: 500 })).toThrow('to 500 ms')
  })
})

describe('sizes', () => {
  it.each([
    ['512b', 512],
    ['64kb', 65_536],
    ['1mb', 1_048_576],
    ['1MB', 1_048_576],
    ['0.5kb', 512],
    [10, 10],
  ])('[CO-1] reads %p as %p bytes', (value, bytes) => expect(parseSize(value)).toBe(bytes))

  it.each(['', '1', '1 kb', '-1kb', -1, 1.5, null, '1tb'])('[CO-1] refuses %p as a size', (value) => {
    expect(() => sizeOption('f', 'limit', value)).toThrow(/^f: `limit` must be a size/)
  })
})

describe('options', () => {
  it('[CO-1] names every option that the factory does not know', () => {
    expect(() => rejectUnknownOptions('cors', { origin: 1, maxage: 2, x: 3 }, ['origin'])).toThrow(
      /`maxage` must be left out[^]*`x` must be left out/,
    )
    expect(() => rejectUnknownOptions('f', { name: 1 }, ['x'], 'policies[0]')).toThrow('`policies[0].name`')
  })

  it('[CO-1] takes undefined for omitted, and nothing else for an object', () => {
    expect(() => rejectUnknownOptions('f', undefined, [])).not.toThrow()
    for (const wrong of [null, 1, 'x', []]) expect(() => rejectUnknownOptions('f', wrong, [])).toThrow('an object')
  })

  it.each([
    ['integer', () => integerOption('f', 'o', 1.5), 'an integer of at least 0'],
    ['integer below', () => integerOption('f', 'o', 0, { min: 1 }), 'an integer of at least 1'],
    ['integer above', () => integerOption('f', 'o', 9, { max: 8 }), 'an integer from 0 to 8'],
    ['number', () => numberOption('f', 'o', Number.NaN), 'a number from'],
    ['boolean', () => booleanOption('f', 'o', 'yes'), 'true or false'],
    ['string', () => stringOption('f', 'o', ''), 'a string that is not empty'],
    ['function', () => functionOption('f', 'o', 1 as never), 'a function'],
    ['choice', () => choiceOption('f', 'o', 'c', ['a', 'b']), "one of 'a', 'b'"],
  ])('[CO-1] refuses a wrong %s at creation', (_, create, text) => {
    expect(create).toThrow(ConfigError)
    expect(create).toThrow(text)
  })

  it('[CO-1] hands on what is right', () => {
    expect(integerOption('f', 'o', 3)).toBe(3)
    expect(numberOption('f', 'o', -0.5)).toBe(-0.5)
    expect(booleanOption('f', 'o', false)).toBe(false)
    expect(stringOption('f', 'o', 'x')).toBe('x')
    expect(choiceOption('f', 'o', 'b', ['a', 'b'])).toBe('b')
    const run = (): void => {}
    expect(functionOption('f', 'o', run)).toBe(run)
  })
})
