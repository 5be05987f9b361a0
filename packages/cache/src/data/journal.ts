import { randomBytes } from 'node:crypto'
import { RedisUnavailableError, type Clock, type RedisGuard, type RedisLike } from '@hardening/core'
import { Bus } from './bus.js'
import type { Invalidation, Invalidations } from './invalidations.js'
import type { CacheKeys } from './keys.js'
import { markScript, syncScript } from './scripts.js'

/** What the journal tells the cache. */
export interface JournalListener {
  /** Somebody else has invalidated something; it is applied to {@link Invalidations} already. */
  invalidated(what: Invalidation): void
  /** What is in memory may have been invalidated unheard: Redis has lost its memory, or more was missed than it keeps. */
  lost(how: 'new-life' | 'too-much-missed'): void
  /** Redis is back and the journal is read: what was not written meanwhile can be. */
  recovered(): Promise<boolean>
}

export interface JournalOptions {
  readonly guard: RedisGuard
  readonly keys: CacheKeys
  readonly clock: Clock
  readonly pollMs: number
  /** How long the first calls wait for a client that is still connecting. */
  readonly startMs: number
  readonly bus: RedisLike | undefined
}

/** State, journal and tags live on as long as any process looks at them, and a week longer. */
const lifeMs = 7 * 86_400_000
const keptTags = 100_000

/**
 * What all processes know of invalidations, in one order: a list in Redis with a count, told over a bus, and read from
 * where one stands after the bus was cut. While the bus is not live, whoever reads memory asks the list first.
 */
export class Journal {
  /** Whether memory can be trusted without asking: every invalidation is told to us as it happens. */
  isLive = false
  /** Which life of the journal we follow; '' before the first. */
  epoch = ''
  /** Place up to which it was read. */
  seq = 0
  /** Place from which on every invalidation is known here. */
  joinSeq = 0
  readonly origin: string = randomBytes(9).toString('base64url')
  readonly #options: JournalOptions
  readonly #invalidations: Invalidations
  readonly #listener: JournalListener
  readonly #bus: Bus | undefined
  #isSynced = false
  #isBusUp = false
  #retryAt = 0
  #syncing: Promise<boolean> | undefined
  #timer: unknown
  #starting: Promise<void> | undefined
  #started: () => void = () => undefined
  #isClosed = false

  constructor(options: JournalOptions, invalidations: Invalidations, listener: JournalListener) {
    this.#options = options
    this.#invalidations = invalidations
    this.#listener = listener
    if (options.bus !== undefined) {
      const busListener = {
        message: (text: string) => this.#hear(text),
        up: () => this.#busUp(),
        down: () => this.#busDown(),
      }
      this.#bus = new Bus(options.bus, options.keys.channel, busListener, options.clock)
    }
    options.guard.on('recovered', this.#onRecovered)
    if (!options.guard.available) this.#awaitStart()
    this.#schedule()
  }

  /** Whether Redis can be asked for values now. */
  get isUsable(): boolean {
    return this.#isSynced && this.#options.guard.available
  }

  /** Reads what is missing; false where Redis is out of reach. */
  ensure(): Promise<boolean> | boolean {
    if (this.#isSynced && this.isLive) return this.#options.guard.available
    if (this.#starting !== undefined) return this.#starting.then(() => this.ensure())
    if (!this.#options.guard.available || this.#options.clock.monotonic() < this.#retryAt) return false
    return this.sync()
  }

  /** Something went wrong with Redis: nothing is believed before the journal has been read again. */
  doubt(): void {
    this.#isSynced = false
  }

  sync(): Promise<boolean> {
    if (this.#isClosed) return Promise.resolve(false)
    this.#syncing ??= this.#read().finally(() => {
      this.#syncing = undefined
    })
    return this.#syncing
  }

  /**
   * Writes an invalidation down for everybody. Returns its place.
   *
   * @param isCatchingUp - whether this is part of a reading, which then cannot be waited for
   * @throws RedisUnavailableError
   */
  async mark(what: Invalidation, isCatchingUp = false): Promise<number> {
    const { guard, keys } = this.#options
    const item = JSON.stringify([this.origin, what.kind, what.at ?? null, ...what.names])
    const args = [
      newEpoch(),
      keys.channel,
      item,
      what.kind,
      lifeMs,
      keptTags,
      ...(what.kind === 'tag' ? what.names : []),
    ]
    const [epoch, seq] = await guard.script<[string, number]>(markScript, keys.journal, args)
    if (epoch === this.epoch && seq === this.seq + 1) this.seq = seq
    else if ((epoch !== this.epoch || seq > this.seq) && !isCatchingUp) await this.sync()
    // A place in a life that is not followed yet means nothing: to be told again.
    if (epoch !== this.epoch) throw new RedisUnavailableError(guard.name, 'connection')
    this.#invalidations.note(what, seq)
    return seq
  }

  close(): void {
    this.#isClosed = true
    this.isLive = this.#isSynced = false
    this.#options.guard.off('recovered', this.#onRecovered)
    this.#options.clock.clearTimeout(this.#timer)
    this.#bus?.close()
    this.#started()
  }

  readonly #onRecovered = (): void => {
    this.#retryAt = 0
    this.#started()
    void this.sync()
  }

  /** Nothing is loaded in two processes because their first requests came before their connections. */
  #awaitStart(): void {
    const { clock, guard, startMs } = this.#options
    const end = clock.monotonic() + startMs
    this.#starting = new Promise((resolve) => {
      let timer: unknown
      // A first connection is not told as a recovery.
      const look = (): void => {
        if (guard.available || clock.monotonic() >= end) this.#started()
        else timer = clock.setTimeout(look, 5)
      }
      timer = clock.setTimeout(look, 5)
      this.#started = () => {
        clock.clearTimeout(timer)
        this.#starting = undefined
        resolve()
      }
    })
  }

  async #read(): Promise<boolean> {
    const { guard, keys, clock } = this.#options
    try {
      for (;;) {
        const from = this.epoch === '' ? '' : this.seq
        const args = [newEpoch(), from, lifeMs]
        const reply = await guard.script<[string, number, number, number, number, (number | string)[]]>(
          syncScript,
          keys.journal,
          args,
        )
        if (this.#take(...reply)) break
      }
    } catch {
      this.#isSynced = this.isLive = false
      this.#retryAt = clock.monotonic() + 1000
      return false
    }
    if (!(await this.#listener.recovered())) {
      this.#retryAt = clock.monotonic() + 1000
      return false
    }
    this.#isSynced = true
    this.isLive = this.#bus === undefined || this.#isBusUp
    return true
  }

  /** False where it has to be read again from the beginning. */
  #take(epoch: string, seq: number, clear: number, floor: number, from: number, items: (number | string)[]): boolean {
    if (this.epoch !== '' && (epoch !== this.epoch || seq < this.seq)) {
      this.#listener.lost('new-life')
      this.#invalidations.forgetJournal()
      this.epoch = ''
      this.seq = 0
      return false
    }
    const isFirst = this.epoch === ''
    if (isFirst) {
      this.epoch = epoch
      this.seq = this.joinSeq = from
    } else if (seq > this.seq && items[0] !== this.seq + 1) {
      // More was missed than the journal keeps.
      this.#listener.lost('too-much-missed')
      this.joinSeq = seq
    }
    for (let at = 0; at < items.length; at += 2) this.#apply(items[at] as number, String(items[at + 1]), isFirst)
    this.seq = Math.max(seq, this.seq)
    this.#invalidations.raiseFloors(clear, floor)
    return true
  }

  #apply(seq: number, text: string, isFirst: boolean): void {
    if (seq <= this.seq && !isFirst) return
    this.seq = Math.max(seq, this.seq)
    const item = parseItem(text)
    if (item === undefined) return
    if (item.origin === this.origin || isFirst) {
      this.#invalidations.note(item.what, seq)
      return
    }
    this.#invalidations.apply(item.what, seq)
    this.#listener.invalidated(item.what)
  }

  #hear(text: string): void {
    const [epoch = '', seqText = '', ...rest] = text.split(' ')
    const seq = Number(seqText)
    if (epoch !== this.epoch || !Number.isSafeInteger(seq) || seq > this.seq + 1) {
      if (this.epoch !== '') this.isLive = false
      void this.sync()
      return
    }
    if (seq === this.seq + 1) this.#apply(seq, rest.join(' '), false)
  }

  #busUp(): void {
    this.#isBusUp = true
    this.#retryAt = 0
    // A reading that is on the way may have begun before messages arrived.
    const earlier = this.#syncing ?? Promise.resolve()
    void earlier.then(() => this.sync())
  }

  #busDown(): void {
    this.#isBusUp = this.isLive = this.#isSynced = false
  }

  /** Looks at the journal now and then: a connection may be dead without anybody having been told. */
  #schedule(): void {
    const { clock, guard, pollMs } = this.#options
    this.#timer = clock.setTimeout(() => {
      void (guard.available ? this.sync() : Promise.resolve()).then(this.#again)
    }, pollMs)
  }

  readonly #again = (): void => {
    if (!this.#isClosed) this.#schedule()
  }
}

function newEpoch(): string {
  return randomBytes(6).toString('base64url')
}

function parseItem(text: string): { origin: string; what: Invalidation } | undefined {
  try {
    const [origin, kind, at, ...names] = JSON.parse(text) as [string, Invalidation['kind'], number | null, ...string[]]
    if (!['key', 'tag', 'pattern', 'clear'].includes(kind) || !names.every((name) => typeof name === 'string')) {
      return undefined
    }
    return { origin, what: typeof at === 'number' ? { kind, names, at } : { kind, names } }
  } catch {
    return undefined
  }
}
