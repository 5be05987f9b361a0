import { request, type IncomingHttpHeaders } from 'node:http'
import { listen, type App, type Listening } from '@hardening/test-utils'
import { Ajv2020 } from 'ajv/dist/2020.js'
import express5 from 'express'
import express4 from 'express4'
import { problemSchema } from '../src/index.js'

export type Express = typeof express5

/** The versions that every behaviour is shown on. */
export const versions: [name: string, express: Express][] = [
  ['Express 4', express4],
  ['Express 5', express5],
]

const isProblem = new Ajv2020({ strict: false, formats: { 'uri-reference': isUriReference } }).compile(problemSchema)

function isUriReference(text: string): boolean {
  return /^[!#$%&'()*+,/:;=?@[\]\w.~-]*$/.test(text) && URL.canParse(text, 'http://localhost')
}

/** What is wrong with a body by the published schema; none where it is valid. */
export function schemaErrors(body: unknown): unknown[] {
  return isProblem(body) ? [] : (isProblem.errors ?? [])
}

/** A problem as a test reads it; where the answer is none, `ask` has no body to give. */
export interface ProblemBody {
  readonly type: string
  readonly title: string
  readonly status: number
  readonly detail?: string
  readonly instance?: string
  readonly code: string
  readonly requestId: string
  readonly traceId: string
  readonly errors?: unknown
  readonly internal: { readonly message: string; readonly stack: readonly string[] }
  readonly [member: string]: unknown
}

export interface Answer {
  readonly status: number
  readonly headers: IncomingHttpHeaders
  readonly text: string
  readonly json: ProblemBody
}

export interface Ask {
  method?: string
  headers?: Record<string, string>
  body?: string
}

const servers: Listening[] = []

export async function serve(app: App): Promise<Listening> {
  const server = await listen(app)
  servers.push(server)
  return server
}

export async function closeServers(): Promise<void> {
  await Promise.all(servers.splice(0).map((server) => server.close()))
}

/** Asks over a real connection. [ER-4] D10: every problem that any test gets is held against the published schema. */
export async function ask(
  app: App | Listening,
  path: string,
  { method = 'GET', headers = {}, body }: Ask = {},
): Promise<Answer> {
  const { port } = 'port' in app ? app : await serve(app)
  const answer = await new Promise<Answer>((resolve, reject) => {
    const req = request({ port, host: '127.0.0.1', path, method, headers, agent: false }, (res) => {
      let text = ''
      res.setEncoding('utf8')
      res.on('data', (chunk: string) => (text += chunk))
      res.on('error', reject)
      res.on('end', () => {
        const type = res.headers['content-type'] ?? ''
        const json = (type.includes('json') && text !== '' ? JSON.parse(text) : undefined) as ProblemBody
        resolve({ status: res.statusCode ?? 0, headers: res.headers, text, json })
      })
    })
    req.on('error', reject)
    req.end(body)
  })
  if (answer.headers['content-type'] === 'application/problem+json' && answer.json !== undefined) {
    const errors = schemaErrors(answer.json)
    if (errors.length > 0) throw new Error(`The body breaks the schema: ${JSON.stringify(errors)}\n${answer.text}`)
    if (answer.json.status !== answer.status) throw new Error(`Status ${answer.status}, body ${answer.text}`)
  }
  return answer
}
