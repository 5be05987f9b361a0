import { ConfigError, type ConfigIssue } from '../errors.js'
import { parseCidr, type Cidr } from './cidr.js'
import { readAddress } from './parse.js'

/** A set of addresses that does not change. */
export interface AddressSet {
  /**
   * Whether the set holds `address`, in whatever spelling; a zone is ignored. `false` for text that is no address, so
   * whoever refuses by such a set must know what to do with that.
   */
  has(address: string): boolean
}

/**
 * A set of the addresses and blocks in `list`. IPv4 blocks hold no IPv6 address and the other way round, even `::/0`;
 * a mapped IPv4 address counts as IPv4. A look-up takes logarithmic time and makes no objects.
 *
 * @returns `undefined` where an entry is neither an address nor a block; {@link addressSet} says which.
 */
export function createAddressSet(list: readonly string[]): AddressSet | undefined {
  const blocks = list.map(parseCidr)
  return blocks.includes(undefined) ? undefined : setOf(blocks as Cidr[])
}

/**
 * As {@link createAddressSet}, for the options of a factory.
 *
 * @throws ConfigError naming every entry that is neither an address nor a block.
 */
export function addressSet(factory: string, option: string, list: unknown): AddressSet {
  if (!Array.isArray(list)) throw new ConfigError(factory, option, 'a list of IP addresses and CIDR blocks', list)
  const blocks: Cidr[] = []
  const issues: ConfigIssue[] = []
  list.forEach((entry, index) => {
    const block = parseCidr(entry)
    if (block !== undefined) blocks.push(block)
    else issues.push({ option: `${option}[${index}]`, expected: 'an IP address or a CIDR block', got: entry })
  })
  if (issues.length > 0) throw new ConfigError(factory, issues)
  return setOf(blocks)
}

function setOf(blocks: readonly Cidr[]): AddressSet {
  const ipv4 = new Ranges(1, blocks)
  const ipv6 = new Ranges(4, blocks)
  const words = new Uint32Array(4)
  return {
    has(address) {
      const family = readAddress(address, words)
      return family === 4 ? ipv4.has(words) : family === 6 && ipv6.has(words)
    },
  }
}

/** Blocks of one family, in order, none inside another. */
class Ranges {
  readonly #width: number
  readonly #count: number
  readonly #first: Uint32Array
  readonly #last: Uint32Array

  constructor(width: 1 | 4, all: readonly Cidr[]) {
    const blocks = all.filter((block) => block.first.length === width)
    blocks.sort((a, b) => compare(a.first, 0, b.first, width) || a.prefix - b.prefix)
    // Two blocks are either apart or one holds the other, and the one that holds comes first.
    const kept: Cidr[] = []
    for (const block of blocks) {
      const before = kept.at(-1)
      if (before === undefined || compare(before.last, 0, block.first, width) < 0) kept.push(block)
    }
    this.#width = width
    this.#count = kept.length
    this.#first = new Uint32Array(kept.length * width)
    this.#last = new Uint32Array(kept.length * width)
    kept.forEach((block, index) => {
      this.#first.set(block.first, index * width)
      this.#last.set(block.last, index * width)
    })
  }

  has(words: Uint32Array): boolean {
    const width = this.#width
    let low = 0
    let high = this.#count
    while (low < high) {
      const middle = (low + high) >>> 1
      if (compare(this.#first, middle * width, words, width) <= 0) low = middle + 1
      else high = middle
    }
    return low > 0 && compare(this.#last, (low - 1) * width, words, width) >= 0
  }
}

/** Compares `width` words of `a` from `at` on with the first of `b`. */
function compare(a: Uint32Array, at: number, b: Uint32Array, width: number): number {
  for (let index = 0; index < width; index++) {
    const difference = a[at + index]! - b[index]!
    if (difference !== 0) return difference
  }
  return 0
}
