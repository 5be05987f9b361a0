import express5 from 'express'
import express4 from 'express4'
import request from 'supertest'
import type { HealthCheck } from '../src/index.js'

export type Express = typeof express5

/** The versions that every behaviour is shown on. */
export const versions: [name: string, express: Express][] = [
  ['Express 4', express4],
  ['Express 5', express5],
]

/** What a probe gets. */
export interface Answer {
  readonly status: number
  readonly headers: Record<string, string>
  readonly text: string
  readonly json: Report
}

/** A report as the tests read it. */
export interface Report {
  readonly status: string
  readonly checks: Record<string, Record<string, unknown>[]>
  readonly [member: string]: unknown
}

/** Asks once, over a connection of its own. */
export async function probe(
  app: unknown,
  path: string,
  token?: string,
  method: 'get' | 'head' = 'get',
): Promise<Answer> {
  const asked = request(app as Parameters<typeof request>[0])[method](path)
  if (token !== undefined) void asked.set('Authorization', `Bearer ${token}`)
  const { status, headers, text = '' } = (await asked.buffer(true).parse(asText)) as Partial<request.Response>
  const body =
    !String((headers as Record<string, string>)['content-type']).includes('json') || text === ''
      ? {}
      : (JSON.parse(text) as Report)
  return { status: status ?? 0, headers: headers as Record<string, string>, text, json: body as Report }
}

function asText(res: request.Response, done: (error: Error | null, body: unknown) => void): void {
  let text = ''
  res.setEncoding?.('utf8')
  ;(res as unknown as NodeJS.ReadableStream).on('data', (chunk: string) => (text += chunk))
  ;(res as unknown as NodeJS.ReadableStream).on('end', () => {
    ;(res as { text: string }).text = text
    done(null, text)
  })
}

/** A check of which the test decides what it says. */
export function fakeCheck(name: string, more: Partial<HealthCheck> = {}) {
  const fake = {
    name,
    calls: 0,
    answer: (): unknown => undefined,
    ...more,
    check(signal: AbortSignal) {
      fake.calls += 1
      return (more.check?.(signal) ?? fake.answer()) as undefined
    },
  }
  return fake
}

export const never = (): Promise<never> => new Promise(() => undefined)
