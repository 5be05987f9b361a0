import { request as httpRequest, type IncomingHttpHeaders, type IncomingMessage } from 'node:http'
import { request as httpsRequest } from 'node:https'
import type { Observed } from './observed.js'

/** How an audit asks. */
export interface ObserveOptions {
  /** Headers to send along. */
  readonly headers: Readonly<Record<string, string>>
  /** Milliseconds that each request may take. */
  readonly timeoutMs: number
  /** Whether the server is asked over plain HTTP, yet stands behind a proxy that speaks HTTPS. */
  readonly behindTls: boolean
  readonly preloaded: boolean
}

interface Answer {
  readonly url: URL
  readonly status: number
  readonly headers: IncomingHttpHeaders
  readonly body: string
  readonly verified: boolean
}

const unknownOrigin = 'https://audit.invalid'
const accept = 'text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8'
const mostRedirects = 10
const mostBytes = 1_048_576

/** Looks at a server as a browser would that comes for the first time. */
export async function observe(target: URL, options: ObserveOptions): Promise<Observed> {
  const [page] = (await follow(target, options)).slice(-1) as [Answer]
  const preflight = { Origin: unknownOrigin, 'Access-Control-Request-Method': 'GET' }
  const cors = await ask('OPTIONS', page.url, { ...options, headers: { ...options.headers, ...preflight } })
  const isHttps = options.behindTls || page.url.protocol === 'https:'
  const type = page.headers['content-type']?.split(';', 1)[0]?.trim().toLowerCase()
  return {
    url: options.behindTls ? new URL(page.url.href.replace(/^http:/, 'https:')) : page.url,
    headers: page.headers,
    html: type === 'text/html' || type === 'application/xhtml+xml' ? page.body : undefined,
    https: isHttps ? { headers: page.headers, verified: page.verified } : undefined,
    cors: { origin: unknownOrigin, headers: cors.headers },
    route: options.behindTls ? undefined : await routeFrom(plain(target), options),
    preloaded: options.preloaded,
  }
}

function plain(url: URL): URL {
  const other = new URL(url)
  if (other.protocol === 'https:') {
    other.protocol = 'http:'
    other.port = ''
  }
  return other
}

async function routeFrom(url: URL, options: ObserveOptions): Promise<URL[] | undefined> {
  try {
    return (await follow(url, options)).map((answer) => answer.url)
  } catch {
    return undefined
  }
}

async function follow(target: URL, options: ObserveOptions): Promise<Answer[]> {
  const answers: Answer[] = []
  let url = target
  for (;;) {
    const answer = await ask('GET', url, options)
    answers.push(answer)
    const { location } = answer.headers
    const redirects = [301, 302, 303, 307, 308].includes(answer.status) && location !== undefined
    if (!redirects || answers.length > mostRedirects || !URL.canParse(location, url.href)) return answers
    const next = new URL(location, url)
    if (next.protocol !== 'http:' && next.protocol !== 'https:') return answers
    // Behind TLS it is the proxy that would answer there.
    if (options.behindTls && next.origin !== url.origin) return answers
    url = next
  }
}

async function ask(method: string, url: URL, options: ObserveOptions): Promise<Answer> {
  try {
    return await askOnce(method, url, options, true)
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    if (
      url.protocol !== 'https:' ||
      code === undefined ||
      !/CERT|CRL|SIGNATURE|CA$|PURPOSE|MISMATCH|CHAIN/.test(code)
    ) {
      throw error
    }
    return await askOnce(method, url, options, false)
  }
}

function askOnce(method: string, url: URL, options: ObserveOptions, verified: boolean): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const send = url.protocol === 'https:' ? httpsRequest : httpRequest
    const forwarded = options.behindTls ? { 'X-Forwarded-Proto': 'https' } : {}
    const headers = { Accept: accept, 'User-Agent': 'hardening-audit', ...forwarded, ...options.headers }
    const signal = AbortSignal.timeout(options.timeoutMs)
    const request = send(url, { method, headers, agent: false, signal, rejectUnauthorized: verified })
    request.on('error', reject)
    request.on('response', (res) => {
      const answered = { url, status: res.statusCode ?? 0, headers: res.headers, verified }
      collect(res).then((body) => resolve({ ...answered, body }), reject)
    })
    request.end()
  })
}

function collect(res: IncomingMessage): Promise<string> {
  return new Promise((resolve, reject) => {
    const chunks: Uint8Array[] = []
    let bytes = 0
    const done = (): void => resolve(Buffer.concat(chunks).toString('utf8'))
    res.on('data', (chunk: Uint8Array) => {
      chunks.push(chunk)
      bytes += chunk.byteLength
      if (bytes <= mostBytes) return
      done()
      res.destroy()
    })
    res.on('end', done)
    res.on('error', reject)
  })
}
