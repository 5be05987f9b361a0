import { ServerResponse, type OutgoingHttpHeader, type OutgoingHttpHeaders } from 'node:http'
import type { BodySink } from '../exchange.js'
import { exchangeSlot } from '../exchange-slot.js'
import { isKept } from './out-headers.js'
import { endInOneWrite } from './one-write.js'
import type { ResponseHead } from './response-head.js'
import { headerName, lowerCase } from './header-name.js'

/** The exchange of a response, as far as its head and body go. */
interface HookedExchange {
  readonly head: ResponseHead | undefined
  readonly sink: BodySink | undefined
  readonly hasHeadSteps: boolean
  readonly hasFilters: boolean
  isHeadOut: boolean
  bytes: number
  beforeHead(): void
  makeSinks(bytes: number): void
  writeHeadersPlainly(): void
}

type Response = ServerResponse & { [exchangeSlot]?: HookedExchange }
type Callback = (error?: Error | null) => void

const connectionSlot: unique symbol = Symbol.for('@hardening/connection@1')
const hooked: unique symbol = Symbol.for('@hardening/response-hooks@1')

/** Whether responses of this prototype carry the hooks already. */
export function isHooked(res: object): boolean {
  return (res as { [hooked]?: boolean })[hooked] === true
}

/**
 * Extends the prototype of an application's responses, once, so that no response needs wrapping of its own: headers of
 * the toolkit are written in one piece yet can be read, replaced and removed as if set, bodies are counted, and the
 * steps that asked hear of the head before it goes out.
 */
export function installResponseHooks(prototype: object): void {
  if (Object.hasOwn(prototype, hooked)) return
  const base = prototype as ServerResponse & { getRawHeaderNames(): string[] }
  const hooks = { ...headerHooks(base), ...bodyHooks(base), ...headHook(base) }
  for (const name of Reflect.ownKeys(hooks)) {
    const value = (hooks as Record<string | symbol, unknown>)[name]
    Object.defineProperty(prototype, name, { value, configurable: true, writable: true, enumerable: false })
  }
  if (canWriteBlock()) installBlock(prototype)
  Object.defineProperty(prototype, hooked, { value: true })
}

function headerHooks(
  base: ServerResponse & { getRawHeaderNames(): string[] },
): Partial<ServerResponse> & ThisType<Response> {
  const { getHeader, hasHeader, getHeaders, getHeaderNames, getRawHeaderNames } = base
  const { setHeader, removeHeader, appendHeader } = base
  return {
    setHeader(name: string, value: OutgoingHttpHeader) {
      this[exchangeSlot]?.head?.meet(headerName(name))
      return setHeader.call(this, name, value)
    },
    getHeader(name: string) {
      const theirs = getHeader.call(this, name)
      const head = this[exchangeSlot]?.head
      if (head === undefined || typeof name !== 'string') return theirs
      const ours = head.get(headerName(name))
      if (theirs === undefined || ours === undefined) return theirs ?? ours
      return lowerCase(name) === 'vary' ? mergeVary(String(theirs), ours) : theirs
    },
    hasHeader(name: string) {
      return hasHeader.call(this, name) || this[exchangeSlot]?.head?.get(headerName(name)) !== undefined
    },
    getHeaders() {
      const theirs = getHeaders.call(this)
      const head = this[exchangeSlot]?.head
      if (head === undefined) return theirs
      const all: OutgoingHttpHeaders = Object.create(null)
      for (const [name, value] of head.entries()) all[lowerCase(name)] = value
      return Object.assign(all, theirs)
    },
    getHeaderNames() {
      return this[exchangeSlot]?.head === undefined ? getHeaderNames.call(this) : Object.keys(this.getHeaders())
    },
    getRawHeaderNames() {
      const theirs = getRawHeaderNames.call(this)
      const head = this[exchangeSlot]?.head
      if (head === undefined) return theirs
      const set = new Set(theirs.map(lowerCase))
      return [...[...head.entries()].map(([name]) => name).filter((name) => !set.has(lowerCase(name))), ...theirs]
    },
    removeHeader(name: string) {
      if (!this.headersSent) this[exchangeSlot]?.head?.remove(headerName(name))
      removeHeader.call(this, name)
    },
    appendHeader(name: string, value: string | readonly string[]) {
      const ours = this[exchangeSlot]?.head?.get(headerName(name))
      if (ours !== undefined && !hasHeader.call(this, name)) this.setHeader(name, ours)
      this[exchangeSlot]?.head?.meet(headerName(name))
      return appendHeader.call(this, name, value)
    },
  } as Partial<ServerResponse> & ThisType<Response>
}

function mergeVary(theirs: string, ours: string): string {
  const set = new Set(
    theirs
      .toLowerCase()
      .split(',')
      .map((field) => field.trim()),
  )
  const missing = ours.split(', ').filter((field) => !set.has(field.toLowerCase()))
  return missing.length === 0 || set.has('*') ? theirs : `${theirs}, ${missing.join(', ')}`
}

function bodyHooks(base: ServerResponse): Partial<ServerResponse> & ThisType<Response> {
  const { write, end } = base
  return {
    [connectionSlot](this: Response): BodySink {
      return new ConnectionSink(this, write, end)
    },
    write(this: Response, chunk: unknown, encoding?: BufferEncoding | Callback, callback?: Callback) {
      const exchange = this[exchangeSlot]
      if (exchange !== undefined) {
        if (exchange.hasFilters) exchange.makeSinks(Infinity)
        if (exchange.sink !== undefined) return exchange.sink.write(chunk, encoding, callback)
        exchange.bytes += byteLength(chunk, encoding)
      }
      return write.call(this, chunk, encoding as BufferEncoding, callback)
    },
    end(this: Response, chunk?: unknown, encoding?: BufferEncoding | Callback, callback?: Callback) {
      const exchange = this[exchangeSlot]
      if (exchange !== undefined) {
        const bytes = byteLength(chunk, encoding)
        if (exchange.hasFilters) exchange.makeSinks(this.headersSent ? Infinity : bytes)
        if (exchange.sink !== undefined) {
          exchange.sink.end(chunk, encoding, callback)
          return this
        }
        exchange.bytes += bytes
        endInOneWrite(this, end, chunk, encoding, callback, bytes)
        return this
      }
      return end.call(this, chunk, encoding as BufferEncoding, callback as () => void)
    },
  } as Partial<ServerResponse> & ThisType<Response>
}

type Write = ServerResponse['write']
type End = ServerResponse['end']

class ConnectionSink implements BodySink {
  readonly #res: Response
  readonly #write: Write
  readonly #end: End

  constructor(res: Response, write: Write, end: End) {
    this.#res = res
    this.#write = write
    this.#end = end
  }

  write(chunk: unknown, encoding?: unknown, callback?: unknown): boolean {
    this.#count(chunk, encoding)
    return this.#write.call(this.#res, chunk, encoding as BufferEncoding, callback as Callback)
  }

  end(chunk?: unknown, encoding?: unknown, callback?: unknown): void {
    const bytes = this.#count(chunk, encoding)
    endInOneWrite(this.#res, this.#end, chunk, encoding, callback, bytes)
  }

  /** @returns bytes of the chunk */
  #count(chunk: unknown, encoding: unknown): number {
    const exchange = this.#res[exchangeSlot]
    const bytes = byteLength(chunk, encoding)
    if (exchange !== undefined) exchange.bytes += bytes
    return bytes
  }
}

/** The sink that stands before the connection itself, whatever else has wrapped the response since. */
export function connectionSink(res: object): BodySink {
  return (res as { [connectionSlot](): BodySink })[connectionSlot]()
}

/** Bytes that a chunk of a body is on the wire; 0 for what is no chunk (`end(callback)`). */
function byteLength(chunk: unknown, encoding: unknown): number {
  if (typeof chunk === 'string') {
    if (encoding === 'latin1') return chunk.length
    return Buffer.byteLength(chunk, typeof encoding === 'string' ? (encoding as BufferEncoding) : undefined)
  }
  return ArrayBuffer.isView(chunk) ? chunk.byteLength : 0
}

function headHook(base: ServerResponse): Partial<ServerResponse> & ThisType<Response> {
  const writeHead = base.writeHead as WriteHead
  return {
    writeHead(this: Response, status: number, reason?: unknown, headers?: unknown) {
      const exchange = this[exchangeSlot]
      if (exchange === undefined || this.headersSent) return writeHead.call(this, status, reason, headers)
      if (exchange.hasFilters) exchange.makeSinks(Infinity)
      if (exchange.hasHeadSteps) {
        const given = typeof reason === 'string' ? headers : (headers ?? reason)
        setAll(this, given)
        this.statusCode = status
        exchange.beforeHead()
        if (!canWriteBlock()) exchange.writeHeadersPlainly()
        return typeof reason === 'string'
          ? writeHead.call(this, this.statusCode, reason)
          : writeHead.call(this, this.statusCode)
      }
      if (!canWriteBlock()) exchange.writeHeadersPlainly()
      return writeHead.call(this, status, reason, headers)
    },
  }
}

/** Sets what was given to `writeHead`, in any of its three shapes, so that a step can see it. */
function setAll(res: ServerResponse, headers: unknown): void {
  if (Array.isArray(headers)) {
    const pairs: [string, OutgoingHttpHeader][] = Array.isArray(headers[0])
      ? headers
      : headers.flatMap((name, at) => (at % 2 === 0 ? [[name, headers[at + 1]]] : []))
    const seen = new Set<string>()
    for (const [name, value] of pairs) {
      if (seen.has(lowerCase(name))) res.appendHeader(name, value as string)
      else res.setHeader(name, value)
      seen.add(lowerCase(name))
    }
  } else if (typeof headers === 'object' && headers !== null) {
    for (const [name, value] of Object.entries(headers)) if (value !== undefined) res.setHeader(name, value)
  }
}

type WriteHead = (status: number, reason?: unknown, headers?: unknown) => ServerResponse
type StoreHeader = (firstLine: string, headers: unknown) => void

/**
 * Writes the toolkit's headers behind the status line as one text. `_storeHeader` is Node's own: see
 * docs/decisions/headers-as-one-block.md for why it is used, and {@link canWriteBlock} for the self-test.
 */
function installBlock(prototype: object): void {
  const storeHeader = (prototype as { _storeHeader: StoreHeader })._storeHeader
  Object.defineProperty(prototype, '_storeHeader', {
    value(this: Response, firstLine: string, headers: unknown): void {
      const exchange = this[exchangeSlot]
      if (exchange?.head === undefined) return storeHeader.call(this, firstLine, headers)
      storeHeader.call(this, firstLine + linesOf(this, exchange.head, headers), headers)
      exchange.isHeadOut = true
    },
    configurable: true,
    writable: true,
  })
}

const none: readonly string[] = []

/** The toolkit's lines beside what Node hands to `_storeHeader`: an object, or a list in one of two shapes. */
function linesOf(res: Response, head: ResponseHead, headers: unknown): string {
  if (typeof headers !== 'object' || headers === null) return head.text(none, undefined)
  if (!Array.isArray(headers)) return head.textBeside(headers as Record<string, unknown>, isKept(res, headers))
  const names: string[] = []
  let vary: string | undefined
  const see = (name: unknown, value: unknown): void => {
    const lower = lowerCase(String(name))
    names.push(lower)
    if (lower === 'vary') vary = vary === undefined ? String(value) : `${vary},${String(value)}`
  }
  if (Array.isArray(headers[0])) for (const [name, value] of headers as [string, unknown][]) see(name, value)
  else for (let at = 0; at < headers.length; at += 2) see(headers[at], headers[at + 1])
  return head.text(names, vary)
}

let blockWorks: boolean | undefined

/** Tries once, on a response of no connection, whether Node still writes its head in the way the block relies on. */
export function canWriteBlock(): boolean {
  if (blockWorks !== undefined) return blockWorks
  try {
    const res = new ServerResponse({ method: 'GET', httpVersionMajor: 1, httpVersionMinor: 1 } as never)
    const storeHeader = (res as unknown as { _storeHeader: StoreHeader })._storeHeader
    Object.defineProperty(res, '_storeHeader', {
      value(this: ServerResponse, firstLine: string, headers: unknown): void {
        storeHeader.call(this, `${firstLine}X-Block: 1\r\n`, headers)
      },
    })
    res.setHeader('X-Set', '1')
    res.writeHead(200)
    const written = (res as unknown as { _header?: string })._header ?? ''
    blockWorks = written.startsWith('HTTP/1.1 200 OK\r\nX-Block: 1\r\nX-Set: 1\r\n')
  } catch {
    blockWorks = false
  }
  return blockWorks
}
