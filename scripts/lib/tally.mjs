/** What passed, failed and was skipped over a whole run, and the one line that closes it. */
export class Tally {
  passed = 0
  failed = 0
  skipped = 0

  /** Reads a closing line that another run printed. */
  static parse(line) {
    const found = /^(\d+) passed, (\d+) failed, (\d+) skipped$/.exec(line.trim())
    if (!found) return undefined
    const [passed, failed, skipped] = found.slice(1).map(Number)
    return new Tally().add({ passed, failed, skipped })
  }

  add({ passed = 0, failed = 0, skipped = 0 }) {
    this.passed += passed
    this.failed += failed
    this.skipped += skipped
    return this
  }

  get line() {
    return `${this.passed} passed, ${this.failed} failed, ${this.skipped} skipped`
  }

  /** 0 or 1: a failure fails; so does a skip where `strict`, because nobody looks at what CI skipped. */
  exitCode(strict) {
    return this.failed > 0 || (strict && this.skipped > 0) ? 1 : 0
  }
}

/** Whether this is a CI run, by the variable that all CI services set. */
export const inCi = () => /^(1|true)$/i.test(process.env.CI ?? '')
