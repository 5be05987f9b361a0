// `.001` to `.999` without what a number would not write either.
const THOUSANDTHS = Array.from({ length: 1000 }, (_, at) => String((1000 + at) / 1000).slice(1))
const MILLISECONDS = Array.from({ length: 1000 }, (_, at) => `${String(at).padStart(3, '0')}Z`)

/** `0` to `999`. V8 keeps texts of numbers too, but a service that has many numbers crowds the small ones out. */
const WHOLES = Array.from({ length: 1000 }, (_, at) => String(at))

/** Milliseconds to the thousandth as JSON writes them, without the search for the shortest digits. */
export function millisecondsText(ms: number): string {
  const thousandths = Math.round(ms * 1000)
  if (!(thousandths >= 0 && thousandths <= 0x3fffffff)) return JSON.stringify(Math.round(ms * 1000) / 1000)
  const whole = (thousandths / 1000) | 0
  return (
    (whole < 1000 ? (WHOLES[whole] as string) : String(whole)) +
    (THOUSANDTHS[(thousandths | 0) - whole * 1000] as string)
  )
}

/** Makes times as RFC 3339 writes them: date and time of day are put together once a second. */
export function timestampText(): (time: number) => string {
  const kept = { second: NaN, start: '' }
  return (time) => {
    const rest = time - kept.second
    if (rest >= 0 && rest < 1000) return kept.start + (MILLISECONDS[Math.floor(rest)] as string)
    kept.second = Math.floor(time / 1000) * 1000
    kept.start = new Date(kept.second).toISOString().slice(0, -4)
    return kept.start + (MILLISECONDS[Math.floor(time - kept.second)] as string)
  }
}

const HUNDREDTHS = Array.from({ length: 100 }, (_, at) => `.${String(at).padStart(2, '0')}`)
// `0.00` to `9.99`: most answers begin within ten milliseconds.
const SMALL = Array.from({ length: 1000 }, (_, at) => `${Math.floor(at / 100)}${HUNDREDTHS[at % 100]}`)

const SMALL_DURATIONS = SMALL.map((text) => `app;dur=${text}`)

/** A number with two digits behind its point. */
export function hundredths(value: number): string {
  const rounded = Math.round(value * 100)
  return rounded >= 0 && rounded < 1000 ? (SMALL[rounded | 0] as string) : largeHundredths(value, rounded)
}

/** `text` of {@link hundredths} as the duration of `Server-Timing`. */
export function serverTiming(value: number, text: string): string {
  const rounded = Math.round(value * 100)
  return rounded >= 0 && rounded < 1000 ? (SMALL_DURATIONS[rounded | 0] as string) : 'app;dur=' + text
}

function largeHundredths(value: number, rounded: number): string {
  if (!(rounded >= 0 && rounded <= 0x3fffffff)) return value.toFixed(2)
  const whole = (rounded / 100) | 0
  return whole + (HUNDREDTHS[(rounded | 0) - whole * 100] as string)
}
