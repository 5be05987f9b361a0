import { createServer, Server, type RequestListener } from 'node:http'
import type { AddressInfo } from 'node:net'
import {
  ConfigError,
  booleanOption,
  durationOption,
  rejectUnknownOptions,
  stringOption,
  type Duration,
} from '@hardening/core'
import { grade, type Graded } from './audit/grade.js'
import { observe } from './audit/observe.js'
import { parseHost } from './host/host-name.js'
import { isLocalName } from './host/local-name.js'

/** Options of {@link auditHeaders}. */
export interface AuditHeadersOptions {
  /** Path of the page that is looked at, where an application is given. @defaultValue `'/'` */
  path?: string
  /** Headers to send along: `Host`, or what logs in. @defaultValue none */
  headers?: Readonly<Record<string, string>>
  /**
   * Whether the server answers plain HTTP to a proxy that speaks HTTPS to browsers. Then it is asked with
   * `X-Forwarded-Proto: https` and graded as what comes out of the proxy.
   *
   * @defaultValue `true` for an application, a server, and plain HTTP at a loopback or private address
   */
  behindTls?: boolean
  /** Whether the host is in the preload list of browsers, which nobody but its keepers has up to date. @defaultValue `false` */
  preloaded?: boolean
  /** How long each request may take. @defaultValue `'10s'` */
  timeout?: Duration
}

/** What {@link auditHeaders} has found. */
export interface HeaderAudit extends Graded {
  /** Address of the page that was graded. */
  readonly url: string
}

/**
 * Grades the headers of a server as browsers get them: a score and a letter, equal to those of Mozilla's HTTP
 * Observatory for the same answers, and what to change.
 *
 * @param target an Express application, a server, or a URL
 * @example
 * const { grade, findings } = await auditHeaders(app)
 *
 * @throws ConfigError `ERR_CONFIG_INVALID`
 * @throws the error of the connection where nothing answers
 * @see https://developer.mozilla.org/en-US/observatory
 */
export async function auditHeaders(
  target: RequestListener | Server | URL | string,
  options: AuditHeadersOptions = {},
): Promise<HeaderAudit> {
  const factory = 'auditHeaders'
  rejectUnknownOptions(factory, options, ['path', 'headers', 'behindTls', 'preloaded', 'timeout'])
  const { path = '/', headers = {}, preloaded = false, timeout = '10s' } = options
  if (!stringOption(factory, 'path', path).startsWith('/')) throw new ConfigError(factory, 'path', 'a path', path)
  booleanOption(factory, 'preloaded', preloaded)
  const timeoutMs = durationOption(factory, 'timeout', timeout, { min: 1 })
  const site = await open(target, path)
  try {
    const behindTls = booleanOption(factory, 'behindTls', options.behindTls ?? site.behindTls)
    const observed = await observe(site.url, { headers, timeoutMs, behindTls, preloaded })
    return { url: observed.url.href, ...grade(observed) }
  } finally {
    await site.close()
  }
}

interface Site {
  readonly url: URL
  readonly behindTls: boolean
  close(): Promise<void>
}

async function open(target: unknown, path: string): Promise<Site> {
  if (typeof target === 'string' || target instanceof URL) return openUrl(target)
  if (target instanceof Server && target.listening) {
    const { port } = target.address() as AddressInfo
    return { url: new URL(path, `http://127.0.0.1:${port}`), behindTls: true, close: () => Promise.resolve() }
  }
  if (typeof target !== 'function' && !(target instanceof Server)) {
    throw new ConfigError('auditHeaders', 'target', 'an application, a server or a URL', target)
  }
  const server = target instanceof Server ? target : createServer(target as RequestListener)
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen(0, '127.0.0.1', () => {
      server.off('error', reject)
      resolve()
    })
  })
  const { port } = server.address() as AddressInfo
  const close = (): Promise<void> =>
    new Promise((resolve) => {
      server.close(() => resolve())
      server.closeAllConnections()
    })
  return { url: new URL(path, `http://127.0.0.1:${port}`), behindTls: true, close }
}

function openUrl(target: string | URL): Site {
  if (!URL.canParse(String(target)) || !/^https?:$/.test(new URL(target).protocol)) {
    throw new ConfigError('auditHeaders', 'target', 'an application, a server or an http(s) URL', target)
  }
  const url = new URL(target)
  const host = parseHost(url.host)
  const behindTls = url.protocol === 'http:' && host !== undefined && isLocalName(host.name)
  return { url, behindTls, close: () => Promise.resolve() }
}
