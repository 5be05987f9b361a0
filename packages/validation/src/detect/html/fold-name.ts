import { charCodeAt } from '@hardening/core'

/** A name in lower case, without the quotes and controls that broken markup leaves at its ends. */
export function foldName(name: string): string {
  let from = 0
  let to = name.length
  while (from < to && isJunk(charCodeAt(name, from))) from++
  while (to > from && isJunk(charCodeAt(name, to - 1))) to--
  const mark = name.indexOf('<', from)
  if (mark > from && mark < to) to = mark
  return name.slice(from, to).toLowerCase()
}

/** Quotes, controls and marks that are none of a name. */
export function isJunk(code: number): boolean {
  return (
    code <= 32 ||
    code === 34 ||
    code === 39 ||
    code === 96 ||
    code === 92 ||
    code === 44 ||
    code === 59 ||
    code === 0xa0
  )
}
