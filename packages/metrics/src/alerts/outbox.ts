import type { Clock } from '@hardening/core'
import type { AlertEvent, AlertNotifier } from './notifiers.js'

const attemptsMost = 5
const waitingMost = 100
const deadlineMs = 10_000

interface Letter {
  readonly event: AlertEvent
  attempts: number
}

/** Delivers to one notifier, in order; what fails is tried again at the next round, a few times. */
export class Outbox {
  readonly #notify: AlertNotifier
  readonly #clock: Clock
  #letters: Letter[] = []
  #isBusy = false
  delivered = 0
  failed = 0

  constructor(notify: AlertNotifier, clock: Clock) {
    this.#notify = notify
    this.#clock = clock
  }

  add(event: AlertEvent): void {
    this.#letters.push({ event, attempts: 0 })
    // The newest tell how things are.
    if (this.#letters.length > waitingMost) this.#letters.shift()
  }

  async deliver(): Promise<void> {
    if (this.#isBusy) return
    this.#isBusy = true
    try {
      for (let letter = this.#letters[0]; letter !== undefined; letter = this.#letters[0]) {
        letter.attempts += 1
        const error = await this.#send(letter.event)
        if (error !== undefined && letter.attempts < attemptsMost) break
        if (error === undefined) this.delivered += 1
        else this.#giveUp(letter.event, error)
        this.#letters = this.#letters.filter((each) => each !== letter)
      }
    } finally {
      this.#isBusy = false
    }
  }

  #giveUp(event: AlertEvent, error: unknown): void {
    this.failed += 1
    const reason = error instanceof Error ? error.message : String(error)
    const message = `The alert ${event.alert} could not be told by ${this.#notify.name || 'a notifier'}: ${reason}`
    process.emitWarning(message, { code: 'HARDENING_ALERT_NOTIFY' })
  }

  /** Resolves with the error, if there is one: a notifier that hangs is one as well. */
  #send(event: AlertEvent): Promise<unknown> {
    const controller = new AbortController()
    return new Promise((resolve) => {
      const timer = this.#clock.setTimeout(() => {
        const late = new Error(`no end within ${deadlineMs} ms`)
        controller.abort(late)
        resolve(late)
      }, deadlineMs)
      const done = (error?: unknown): void => {
        this.#clock.clearTimeout(timer)
        resolve(error)
      }
      new Promise((settle) => settle(this.#notify(event, controller.signal))).then(
        () => done(),
        (error: unknown) => done(error ?? new Error('rejected with nothing')),
      )
    })
  }
}
