import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { listen, type Listening } from '@hardening/test-utils'

/** How the upstream behaves. */
export type Fault = 'well' | 'slow' | 'failing' | 'flapping' | 'limited' | 'resetting' | 'slow-body'

/** A real server whose faults a test chooses. */
export interface Upstream extends Listening {
  fault: Fault
  /** What came: `GET /`. */
  readonly requests: string[]
  readonly headers: IncomingMessage['headers'][]
  readonly bodies: string[]
}

/** Starts one. It answers `ok`, unless its fault says otherwise. */
export async function startUpstream(): Promise<Upstream> {
  const server = createServer((req, res) => void serve(req, res))
  const state = {
    fault: 'well' as Fault,
    requests: [] as string[],
    headers: [] as IncomingMessage['headers'][],
    bodies: [] as string[],
  }

  async function serve(req: IncomingMessage, res: ServerResponse): Promise<void> {
    state.requests.push(`${req.method} ${req.url}`)
    state.headers.push(req.headers)
    let body = ''
    for await (const chunk of req) body += String(chunk)
    state.bodies.push(body)
    switch (state.fault) {
      case 'well':
        return void res.end('ok')
      case 'slow':
        return
      case 'failing':
        return void res.writeHead(503).end('down')
      case 'flapping':
        return void res.writeHead(state.requests.length % 2 === 1 ? 503 : 200).end('sometimes')
      case 'limited':
        return void res.writeHead(state.requests.length === 1 ? 429 : 200, { 'Retry-After': '2' }).end('limited')
      case 'resetting':
        return void req.socket.resetAndDestroy()
      case 'slow-body':
        res.writeHead(200, { 'Content-Length': '10' })
        res.write('half')
    }
  }

  return Object.assign(state, await listen(server))
}
