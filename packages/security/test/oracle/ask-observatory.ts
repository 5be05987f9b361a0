import { spawn } from 'node:child_process'
import type { IncomingHttpHeaders } from 'node:http'
import { join } from 'node:path'
import type { Observed } from '../../src/audit/observed.js'

/** What the Observatory says of one answer. */
export interface OracleGrade {
  readonly score: number
  readonly grade: string
  readonly modifiers: Readonly<Record<string, number>>
}

/** Grades answers with the code of Mozilla's HTTP Observatory. */
export async function observatory(observations: readonly Observed[]): Promise<OracleGrade[]> {
  const child = spawn(process.execPath, [join(__dirname, 'observatory.mjs')], { stdio: ['pipe', 'pipe', 'inherit'] })
  let output = ''
  child.stdout.setEncoding('utf8').on('data', (chunk: string) => (output += chunk))
  child.stdin.end(JSON.stringify(observations))
  const code = await new Promise((resolve) => child.on('close', resolve))
  if (code !== 0) throw new Error(`The oracle ended with ${String(code)}`)
  return JSON.parse(output) as OracleGrade[]
}

/** An answer over HTTPS with these headers. */
export function answered(headers: IncomingHttpHeaders, html?: string, cors?: IncomingHttpHeaders): Observed {
  return {
    url: new URL('https://www.example.com/'),
    headers,
    html,
    https: { headers, verified: true },
    cors: cors === undefined ? undefined : { origin: 'https://audit.invalid', headers: cors },
    route: undefined,
    preloaded: false,
  }
}
