import { ConfigError } from '@hardening/core'
import { parseHost, type HostName } from './host-name.js'

/** Whether a host is one of ours. */
export type HostMatcher = (host: HostName) => boolean

/**
 * Makes one question of a list of hosts: `example.com` that name, `.example.com` it and all below, `*.example.com` only
 * what is below, each with any port, or with the one that is given.
 */
export function hostMatcher(factory: string, option: string, hosts: readonly string[]): HostMatcher {
  const exact = new Set<string>()
  const suffixes: (readonly [suffix: string, port: string])[] = []
  for (const [at, entry] of hosts.entries()) {
    const name = typeof entry === 'string' ? entry.replace(/^(?:\*\.|\.)/, '') : ''
    const host = parseHost(name)
    if (host === undefined) {
      const expected = "a host such as 'example.com', '.example.com', '*.example.com' or '[::1]', with or without port"
      throw new ConfigError(factory, `${option}[${at}]`, expected, entry)
    }
    if (!entry.startsWith('*.')) exact.add(key(host.name, host.port))
    if (entry !== name) suffixes.push([`.${host.name}`, host.port])
  }
  return ({ name, port }) =>
    exact.has(name) ||
    (port !== '' && exact.has(key(name, port))) ||
    suffixes.some(([suffix, only]) => name.endsWith(suffix) && (only === '' || only === port))
}

function key(name: string, port: string): string {
  return port === '' ? name : `${name}:${port}`
}
