import cors from 'cors'

/** What does not depend on who asks: what goes with a preflight, and with any other answer. */
export interface CorsHeaders {
  readonly preflight: Readonly<Record<string, string>>
  readonly actual: readonly (readonly [name: string, value: string])[]
}

/** What the headers are made of. */
export interface CorsValues {
  readonly methods: readonly string[]
  readonly allowedHeaders: readonly string[]
  readonly exposedHeaders: readonly string[]
  readonly credentials: boolean
  readonly maxAge: number
}

/** The headers that `cors` sends to an allowed origin, learned by running it once for each kind of request. */
export function corsHeaders(values: CorsValues): CorsHeaders {
  const origin = 'https://probe.invalid'
  const run = cors({
    origin,
    methods: [...values.methods],
    allowedHeaders: [...values.allowedHeaders],
    exposedHeaders: [...values.exposedHeaders],
    credentials: values.credentials,
    maxAge: values.maxAge,
    optionsSuccessStatus: 204,
  })
  const record = (method: string): [string, string][] => {
    const headers = new Map<string, string>()
    const res = {
      setHeader: (name: string, value: string) => void headers.set(name, value),
      getHeader: (name: string) => headers.get(name),
      end: () => undefined,
    }
    run({ method, headers: { origin } }, res, () => undefined)
    // The origin and `Vary` are decided for each request.
    return [...headers].filter(([name]) => name !== 'Access-Control-Allow-Origin' && name !== 'Vary')
  }
  return { preflight: Object.fromEntries(record('OPTIONS')), actual: record('GET') }
}
