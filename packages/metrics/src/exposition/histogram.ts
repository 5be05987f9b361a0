import type { Registry } from 'prom-client'
import { Distribution } from './distribution.js'
import { Labelled, type LabelledOptions } from './labelled.js'

/** A histogram with labels. */
export function histogram(
  factory: string,
  registry: Registry,
  bounds: readonly number[],
  options: Pick<LabelledOptions<Distribution>, 'name' | 'help' | 'labels' | 'maxSeries'>,
): Labelled<Distribution> {
  return new Labelled(factory, registry, {
    ...options,
    type: 'histogram',
    make: () => new Distribution(bounds),
    value: (distribution) => distribution,
  })
}
