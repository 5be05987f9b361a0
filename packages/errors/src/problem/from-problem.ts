import { problemMediaType, type Problem, type ProblemIssue } from './problem.js'
import type { KnownProblem, OtherProblem, ProblemTypeDefinitions, ProblemTypes } from './problem-types.js'

/** What {@link fromProblem} may be told. */
export interface FromProblemOptions<Definitions extends ProblemTypeDefinitions = ProblemTypeDefinitions> {
  /** The types to narrow to. @defaultValue none */
  types?: ProblemTypes<Definitions>
  /** Status of the response, which holds where the body says none or another. @defaultValue the body's, else 500 */
  status?: number
  /** URL of the response, against which a relative `type` is resolved (RFC 9457 section 3.1.1). */
  url?: string
}

/** What a client gets: a problem of a known type with that type's members, or another. */
export type ParsedProblem<Definitions extends ProblemTypeDefinitions> = string extends keyof Definitions
  ? Problem
  : KnownProblem<Definitions> | OtherProblem

/**
 * Reads a problem from the JSON of a response. Never throws: members of the wrong type are left out (RFC 9457 section
 * 3.1), missing ones get the value that the standard gives them. Runs in browsers.
 *
 * @returns `undefined` where `json` is no object.
 *
 * @example
 * const problem = fromProblem(await response.json(), { types: problems, status: response.status })
 * if (problem?.type === 'https://shop.example/problems/out-of-stock') offer(problem.left)
 */
export function fromProblem<const Definitions extends ProblemTypeDefinitions = ProblemTypeDefinitions>(
  json: unknown,
  { types, status, url }: FromProblemOptions<Definitions> = {},
): ParsedProblem<Definitions> | undefined {
  if (typeof json !== 'object' || json === null || Array.isArray(json)) return undefined
  const given = json as Readonly<Record<string, unknown>>
  const problem: Record<string, unknown> = { ...given }
  problem['type'] = absolute(text(given['type']) ?? 'about:blank', url)
  problem['title'] = text(given['title']) ?? ''
  problem['status'] = status ?? statusOf(given['status']) ?? 500
  problem['code'] = text(given['code']) ?? ''
  for (const name of ['detail', 'instance', 'requestId', 'traceId']) {
    if (name in problem && typeof problem[name] !== 'string') delete problem[name]
  }
  if ('errors' in problem) {
    if (Array.isArray(problem['errors'])) problem['errors'] = problem['errors'].filter(isIssue)
    else delete problem['errors']
  }
  const parsed = problem as unknown as Problem
  if (types !== undefined && !types.knows(parsed) && parsed.type !== 'about:blank') {
    // Whoever narrows by `type` must be able to rely on what the type promises.
    return { ...parsed, type: 'about:blank', unknownType: parsed.type } as unknown as ParsedProblem<Definitions>
  }
  return parsed as ParsedProblem<Definitions>
}

/** The part of a fetch `Response` that is read. */
export interface ProblemResponse {
  readonly status: number
  readonly url?: string
  readonly headers: { get(name: string): string | null }
  json(): Promise<unknown>
}

/**
 * Reads the problem of a fetch response. Runs in browsers.
 *
 * @returns `undefined` where the response carries none; its body is then left unread.
 */
export async function readProblem<const Definitions extends ProblemTypeDefinitions = ProblemTypeDefinitions>(
  response: ProblemResponse,
  types?: ProblemTypes<Definitions>,
): Promise<ParsedProblem<Definitions> | undefined> {
  const mediaType = response.headers.get('content-type')?.split(';', 1)[0]?.trim().toLowerCase()
  if (mediaType !== problemMediaType) return undefined
  let json: unknown
  try {
    json = await response.json()
  } catch {
    return undefined
  }
  const { status, url } = response
  return fromProblem<Definitions>(json, {
    status,
    ...(types !== undefined && { types }),
    ...(url !== undefined && { url }),
  })
}

function text(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined
}

function statusOf(value: unknown): number | undefined {
  return Number.isInteger(value) && (value as number) >= 100 && (value as number) <= 599 ? (value as number) : undefined
}

function isIssue(value: unknown): value is ProblemIssue {
  return typeof value === 'object' && value !== null && typeof (value as { detail?: unknown }).detail === 'string'
}

function absolute(type: string, base: string | undefined): string {
  if (base === undefined || type === 'about:blank') return type
  try {
    return new URL(type, base).href === `${type}/` ? type : new URL(type, base).href
  } catch {
    return type
  }
}
