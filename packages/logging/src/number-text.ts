// `.001` to `.999` without what a number would not write either.
const THOUSANDTHS = Array.from({ length: 1000 }, (_, at) => String((1000 + at) / 1000).slice(1))
const MILLISECONDS = Array.from({ length: 1000 }, (_, at) => `${String(at).padStart(3, '0')}Z`)

/** Milliseconds to the thousandth as JSON writes them, without the search for the shortest digits. */
export function millisecondsText(ms: number): string {
  const thousandths = Math.round(ms * 1000)
  if (!(thousandths >= 0 && thousandths <= 0x3fffffff)) return JSON.stringify(Math.round(ms * 1000) / 1000)
  const whole = (thousandths / 1000) | 0
  return whole + (THOUSANDTHS[thousandths - whole * 1000] as string)
}

/** Makes times as RFC 3339 writes them: date and time of day are put together once a second. */
export function timestampText(): (time: number) => string {
  let second = NaN
  let start = ''
  let last = NaN
  let text = ''
  return (time) => {
    if (time === last) return text
    const rest = time - second
    if (!(rest >= 0 && rest < 1000)) {
      second = Math.floor(time / 1000) * 1000
      start = new Date(second).toISOString().slice(0, -4)
    }
    last = time
    text = start + (MILLISECONDS[Math.floor(time - second)] as string)
    return text
  }
}

const HUNDREDTHS = Array.from({ length: 100 }, (_, at) => `.${String(at).padStart(2, '0')}`)

/** A number with two digits behind its point. */
export function hundredths(value: number): string {
  const rounded = Math.round(value * 100)
  if (!(rounded >= 0 && rounded <= 0x3fffffff)) return value.toFixed(2)
  const whole = (rounded / 100) | 0
  return whole + (HUNDREDTHS[rounded - whole * 100] as string)
}
