import {
  ConfigError,
  choiceOption,
  durationOption,
  functionOption,
  integerOption,
  stringOption,
  type Clock,
  type Duration,
} from '@hardening/core'
import { property } from '../classify/judgement.js'
import { doubling } from '../retry/backoff.js'
import type { BreakerControl } from './breaker-view.js'
import { Circuit, type BreakerChange, type BreakerMode } from './circuit.js'
import { consecutive, sampled, type BreakerRule } from './rules.js'

/** When a breaker opens, for how long, and how it closes again. */
export interface BreakerRules {
  /** When it opens: any of these. @defaultValue `[consecutive(5), sampled()]`: five in a row, or half of at least 20 in 30 s */
  opens?: BreakerRule | readonly BreakerRule[]
  /**
   * How long it stays open; with two durations, doubling from the first to the second while probes go on failing.
   *
   * @defaultValue `['5s', '1m']`
   */
  openFor?: Duration | readonly [first: Duration, last: Duration]
  /** Calls that are let through to see whether the service is back; all must go well. @defaultValue 1 */
  probes?: number
  /** After which a probe that has not ended counts as failed. @defaultValue `'30s'` */
  probeTimeout?: Duration
  /** What it may do at first. @defaultValue `'auto'` */
  mode?: BreakerMode
  /** Is told each change of state. What it throws is ignored. */
  onStateChange?: (change: BreakerChange) => void
}

/** The names of {@link BreakerRules}. */
export const breakerRuleNames: readonly (keyof BreakerRules)[] = [
  'opens',
  'openFor',
  'probes',
  'probeTimeout',
  'mode',
  'onStateChange',
]

/** The modes of a breaker. */
const breakerModes: readonly BreakerMode[] = ['auto', 'observing', 'disabled', 'isolated']

/** The circuit that options mean. @throws ConfigError */
export function resolveCircuit(factory: string, at: string, name: string, rules: BreakerRules, clock: Clock): Circuit {
  const { opens = [consecutive(5), sampled()], openFor = ['5s', '1m'], probes = 1 } = rules
  const { probeTimeout = '30s', mode = 'auto', onStateChange } = rules
  stringOption(factory, 'name', name)
  if (onStateChange !== undefined) functionOption(factory, `${at}onStateChange`, onStateChange)
  choiceOption(factory, `${at}mode`, mode, breakerModes)
  const [first, last] = spanOption(factory, `${at}openFor`, openFor)
  const circuit = new Circuit({
    name,
    rules: rulesOption(factory, `${at}opens`, opens),
    openDelays: doubling(first, last),
    probes: integerOption(factory, `${at}probes`, probes, { min: 1, max: 1000 }),
    probeTimeoutMs: durationOption(factory, `${at}probeTimeout`, probeTimeout, { min: 1 }),
    clock,
    onChange: onStateChange,
  })
  if (mode !== 'auto') circuit.setMode(mode)
  return circuit
}

/** What operators see of a circuit. */
export function controlOf(circuit: Circuit): BreakerControl {
  return {
    name: circuit.name,
    get state() {
      return circuit.state
    },
    get mode() {
      return circuit.mode
    },
    get retryAfterMs() {
      return circuit.retryAfterMs
    },
    isolate: () => circuit.setMode('isolated'),
    trip: () => circuit.trip(),
    reset() {
      circuit.setMode('auto')
      circuit.reset()
    },
    setMode(mode) {
      circuit.setMode(choiceOption('setMode', 'mode', mode, breakerModes))
    },
  }
}

function spanOption(factory: string, option: string, value: unknown): readonly [number, number] {
  if (!Array.isArray(value)) {
    const ms = durationOption(factory, option, value, { min: 1 })
    return [ms, ms]
  }
  if (value.length !== 2) throw new ConfigError(factory, option, "a duration, or two such as ['5s', '1m']", value)
  const first = durationOption(factory, `${option}[0]`, value[0], { min: 1 })
  return [first, durationOption(factory, `${option}[1]`, value[1], { min: first })]
}

function rulesOption(factory: string, option: string, value: BreakerRule | readonly BreakerRule[]): BreakerRule[] {
  const list: readonly unknown[] = Array.isArray(value) ? value : [value]
  if (list.length > 0 && list.every((rule) => typeof property(rule, 'create') === 'function')) {
    return list as BreakerRule[]
  }
  throw new ConfigError(factory, option, 'consecutive(), sampled(), counted(), slowCalls() or a list of them', value)
}
