import { describe, expect, it } from '@jest/globals'
import { ConfigError, createTraceContext, runInContext, type RequestContext } from '@hardening/core'
import { FakeClock } from '@hardening/test-utils'
import Transport from 'winston-transport'
import { createLogger, logLevels, type CreateLoggerOptions } from '../src/index.js'
import { resolveRotation } from '../src/rotation.js'
import { Lines } from './support.js'

function contextOf(id: string): RequestContext {
  const signal = new AbortController().signal
  return { requestId: id, trace: createTraceContext(), startedAt: 0, user: undefined, tenant: undefined, signal }
}

function loggerWith(options: CreateLoggerOptions = {}) {
  const sink = new Lines()
  const logger = createLogger({ service: 'shop', clock: new FakeClock(), sink, ...options })
  return { sink, logger }
}

describe('createLogger', () => {
  it('[LO-1] writes JSON with ids, user, service and environment', () => {
    const { sink, logger } = loggerWith({ version: '1.2.3', environment: 'production' })
    const context = contextOf('r-1')
    context.user = 'u-7'
    runInContext(context, () => logger.info('An order was placed', { order: 42, gone: undefined }))
    expect(sink.last).toEqual({
      timestamp: '2026-01-01T00:00:00.000Z',
      level: 'info',
      message: 'An order was placed',
      requestId: 'r-1',
      traceId: context.trace.traceId,
      user: 'u-7',
      service: 'shop',
      version: '1.2.3',
      environment: 'production',
      order: 42,
    })
  })

  it.each(logLevels)('[LO-1] has a method for the level %s', (level) => {
    const { sink, logger } = loggerWith({ level: 'silly' })
    logger[level]('a')
    logger.log(level, 'b')
    expect(sink.json.map((line) => [line['level'], line['message']])).toEqual([
      [level, 'a'],
      [level, 'b'],
    ])
  })

  it('[LO-1] changes its level while it runs, also that of its children', () => {
    const { sink, logger } = loggerWith()
    const child = logger.child({ part: 'mail' })
    child.debug('not yet')
    expect([logger.isLevelEnabled('debug'), logger.level]).toEqual([false, 'info'])
    logger.level = 'debug'
    expect([child.isLevelEnabled('debug'), child.level]).toEqual([true, 'debug'])
    child.debug('now')
    logger.level = 'error'
    child.warn('no more')
    expect(sink.json.map(({ message }) => message)).toEqual(['now'])
    expect(() => (logger.level = 'loud' as never)).toThrow(ConfigError)
  })

  it('[LO-1] children carry details, and theirs again; what the call says wins', () => {
    const { sink, logger } = loggerWith()
    logger.child({ part: 'mail', try: 1 }).child({ queue: 'q' }).info('sent', { try: 2 })
    expect(sink.last).toMatchObject({ part: 'mail', queue: 'q', try: 2 })
    logger.info('plain')
    expect(sink.last).not.toHaveProperty('part')
  })

  it('[LO-1] writes a line of a level that nobody knows, where winston loses it', () => {
    const { sink, logger } = loggerWith()
    logger.log('critical' as never, 'mind this')
    expect(sink.last).toMatchObject({ level: 'info', message: 'mind this', unknownLevel: 'critical' })
  })

  it('[LO-1] E6 tells causes and parts of errors', () => {
    const { sink, logger } = loggerWith()
    const cause = Object.assign(new TypeError('inner'), { code: 'E_INNER' })
    const error = new AggregateError([new Error('one'), 'two'], 'outer', { cause })
    logger.error('failed', { error })
    expect(sink.last['error']).toMatchObject({
      name: 'AggregateError',
      message: 'outer',
      stack: expect.stringContaining('logger.test'),
      cause: { name: 'TypeError', message: 'inner', code: 'E_INNER' },
      errors: [{ message: 'one' }, 'two'],
    })
    logger.error('failed', error as never)
    expect(sink.last['error']).toMatchObject({ message: 'outer' })
  })

  it('[LO-1] E6 survives what cannot be written: cycles, deep and large things, getters that throw, bigint, maps', () => {
    const { sink, logger } = loggerWith()
    const loop: Record<string, unknown> = { name: 'loop' }
    loop['self'] = loop
    const cyclic = new Error('cyclic')
    ;(cyclic as { cause?: unknown }).cause = cyclic
    let deep: unknown = 'end'
    for (let at = 0; at < 5_000; at++) deep = { deep }
    const bad = {
      get value() {
        throw new Error('no')
      },
    }
    logger.info('odd', {
      loop,
      error: cyclic,
      deep,
      bad,
      big: 12n,
      map: new Map([['a', 1]]),
      set: new Set([1]),
      long: 'x'.repeat(1e6),
      many: Array.from({ length: 1e5 }, (_, at) => at),
      symbol: Symbol('s'),
      call: () => undefined,
    })
    expect(sink.last).toMatchObject({ message: 'odd', map: { a: 1 }, set: [1] })
    expect((sink.all[0] as string).length).toBeLessThan(300_000)
  })

  it.each<[string, unknown]>([
    ['null', null],
    ['a text', 'text'],
    ['a number', 5],
    ['nothing', undefined],
  ])('[LO-1] takes %s for details', (_what, details) => {
    const { sink, logger } = loggerWith()
    logger.info('still there', details as never)
    expect(sink.last).toMatchObject({ message: 'still there' })
  })

  it('[LO-1] details cannot pass for what the logger says itself', () => {
    const { sink, logger } = loggerWith()
    logger.info('true', { level: 'error', message: 'false', service: 'other', timestamp: 0, requestId: 'x' })
    expect(sink.last).toMatchObject({
      level: 'info',
      message: 'true',
      service: 'shop',
      level_: 'error',
      message_: 'false',
    })
  })

  it('[LO-1] E7 writes the Elastic Common Schema', () => {
    const { sink, logger } = loggerWith({ format: 'ecs', version: '1.0', environment: 'test' })
    const context = contextOf('r-2')
    context.user = 'u-1'
    runInContext(context, () => logger.error('failed', { error: new RangeError('far'), order: 4 }))
    expect(sink.last).toEqual({
      '@timestamp': '2026-01-01T00:00:00.000Z',
      'log.level': 'error',
      message: 'failed',
      'ecs.version': '8.11.0',
      'service.name': 'shop',
      'service.version': '1.0',
      'service.environment': 'test',
      'trace.id': context.trace.traceId,
      'span.id': context.trace.spanId,
      'http.request.id': 'r-2',
      'user.id': 'u-1',
      'error.type': 'RangeError',
      'error.message': 'far',
      'error.stack_trace': expect.stringContaining('RangeError: far'),
      labels: { order: 4 },
    })
  })

  it("[LO-1] E7 writes OpenTelemetry's log data model", () => {
    const { sink, logger } = loggerWith({ format: 'otel', version: '1.0', environment: 'test' })
    const context = contextOf('r-3')
    runInContext(context, () => logger.warn('odd', { error: new RangeError('far'), order: 4 }))
    expect(sink.last).toEqual({
      timestamp: '2026-01-01T00:00:00.000Z',
      severity_text: 'WARN',
      severity_number: 13,
      body: 'odd',
      trace_id: context.trace.traceId,
      span_id: context.trace.spanId,
      trace_flags: context.trace.flags,
      attributes: {
        order: 4,
        'http.request.id': 'r-3',
        'exception.type': 'RangeError',
        'exception.message': 'far',
        'exception.stacktrace': expect.stringContaining('RangeError: far'),
      },
      resource: { 'service.name': 'shop', 'service.version': '1.0', 'deployment.environment.name': 'test' },
    })
  })

  it('[LO-1] is readable in a terminal, with stacks and causes', () => {
    const { sink, logger } = loggerWith({ format: 'pretty' })
    runInContext(contextOf('0123456789'), () => logger.info('placed', { order: 4, by: 'Ada' }))
    expect(sink.all).toEqual(['00:00:00.000 INFO    placed  order=4 by=Ada (01234567)'])
    logger.error('failed', { error: new Error('outer', { cause: new Error('inner') }) })
    expect(sink.all[1]).toMatch(
      /^00:00:00\.000 ERROR {3}failed\n {4}Error: outer\n {4}[^]*\n {4}caused by: Error: inner\n/,
    )
  })

  const forged = [
    '\n{"level":"error"}',
    '\r\nERROR forged',
    '\u2028ERROR',
    '\u2029',
    '\u0085x',
    '\u001b[2J\u001b[31m',
    '\u009b31m',
    '\u007f',
    '\u0000',
    '\u202e',
  ]
  it.each(forged)('[LO-2] E5 no line can be forged by %j, in no place and no shape', (evil) => {
    for (const format of ['json', 'ecs', 'otel', 'pretty'] as const) {
      const { sink, logger } = loggerWith({ format })
      logger.child({ [`k${evil}`]: evil }).info(`m${evil}`, { text: evil, list: [evil], [`d${evil}`]: 1 })
      expect(sink.all).toHaveLength(1)
      // oxlint-disable-next-line no-control-regex -- control characters are what is looked for
      expect(sink.all[0]).not.toMatch(/[\u0000-\u001f\u007f-\u009f\u2028\u2029]/)
      if (format === 'pretty') expect(sink.all[0]).not.toContain('\u202e')
    }
  })

  it('[LO-2] E5 an error with line breaks stays indented in a terminal', () => {
    const { sink, logger } = loggerWith({ format: 'pretty' })
    logger.error('failed', {
      error: Object.assign(new Error('x'), { stack: 'Error: a\n12:00:00.000 INFO forged\r\u001b[2Jb' }),
    })
    const [, ...rest] = (sink.all[0] as string).split('\n')
    for (const line of rest) expect(line.startsWith('    ')).toBe(true)
    expect(sink.all[0]).not.toContain('\u001b')
  })

  it('[LO-2] E3 secrets reach no line in whatever place they stand', () => {
    const canary = 'hunter2Canary99'
    const jwt = [
      'eyJhbGciOiJIUzI1NiJ9',
      'eyJzdWIiOiIxMjM0NTY3ODkwIn0',
      'dozjgNryP4J3jVmNHl0w5N_XgL0n3I9PlFUP0THsR8U',
    ].join('.')
    const names = [
      'password',
      'passwd',
      'secret',
      'token',
      'accessToken',
      'refresh_token',
      'apiKey',
      'api_key',
      'authorization',
      'cookie',
      'x-api-key',
      'client_secret',
      'privateKey',
      'creditCard',
      'cvv',
      'ssn',
      'pin',
      'sessionId',
    ]
    for (const format of ['json', 'ecs', 'otel', 'pretty'] as const) {
      const { sink, logger } = loggerWith({ format })
      for (const name of names) {
        logger.info('x', { [name]: canary })
        logger.child({ deep: { list: [{ [name]: canary }] } }).info('x')
        logger.info('x', { map: new Map([[name, canary]]), headers: new Headers({ authorization: canary }) })
      }
      const message = `Bearer ${jwt} and https://u:${canary}@h/?token=${canary}&password=${canary}`
      logger.info(message)
      logger.error('x', { error: new Error(message, { cause: new Error(message) }) })
      logger.error('x', { url: `/reset?token=${canary}`, card: '4111 1111 1111 1111', aws: 'AKIAIOSFODNN7EXAMPLE' })
      const all = sink.all.join('\n')
      for (const secret of [canary, jwt, '4111 1111 1111 1111', 'AKIAIOSFODNN7EXAMPLE'])
        expect(all).not.toContain(secret)
    }
  })

  it('[LO-2] E3 sixty secrets in as many places reach no line', () => {
    const canaries: string[] = []
    const canary = (shape = (text: string) => text): string => {
      const secret = shape(`Zq9${String(canaries.length).padStart(3, '0')}kV7xW2mB4nC8`)
      canaries.push(secret)
      return secret
    }
    const named = (name: string) => ({ [name]: canary() })
    const jwt = () => canary((text) => `eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.${text}dozjgNryP4J3jVmNHl0w5N`)
    const card = (number: string) => (canaries.push(number), number)
    const withCause = () => new Error(`password=${canary()}`, { cause: new Error(`token=${canary()}`) })
    const entries: unknown[] = [
      ...['password', 'passwd', 'pwd', 'secret', 'token', 'accessToken', 'refresh_token', 'apiKey', 'api-key'].map(
        named,
      ),
      ...['authorization', 'cookie', 'set-cookie', 'x-api-key', 'clientSecret', 'private_key', 'cvv'].map(named),
      ...['sessionId', 'PASSWORD', 'userPassword', 'db_password', 'jwt', 'otp', 'passphrase', 'credentials'].map(named),
      { a: { b: { c: named('password') } } },
      [[named('secret')], [{ deep: [named('token')] }]],
      new Map<string, unknown>([['password', canary()]]),
      new Map([['safe', named('password')]]),
      new Set([named('token')]),
      new Headers({ authorization: canary(), 'x-api-key': canary(), cookie: `session=${canary()}` }),
      { headers: { Authorization: `Bearer ${canary()}` } },
      { rawHeaders: ['Authorization', canary(), 'Cookie', canary()] },
      { name: 'password', value: canary() },
      [['password', canary()]],
      new URLSearchParams({ token: canary() }),
      { url: `https://shop.example/reset?token=${canary()}&next=/` },
      { url: `/login?user=ada&password=${canary()}` },
      { dsn: `postgres://app:${canary()}@db/shop` },
      { text: `Authorization: Bearer ${canary()}` },
      { text: `Basic ${canary((text) => Buffer.from(`ada:${text}`).toString('base64'))}` },
      { text: `{"password":"${canary()}"}` },
      { text: `<password>${canary()}</password>` },
      { text: jwt() },
      { list: ['one', jwt(), 'two'] },
      { aws: canary(() => 'AKIAIOSFODNN7EXAMPLE') },
      { stripe: canary(() => ['sk_live', '4eC39HqLyjWDarjtT1zdp7dc'].join('_')) },
      { github: canary(() => ['ghp', '16C7e42F292c6912E7710c838347Ae178B4a'].join('_')) },
      { slack: canary(() => 'xoxb-123456789012-abcdefABCDEF1234') },
      { visa: card('4111 1111 1111 1111') },
      { amex: card('378282246310005') },
      { pem: `-----BEGIN PRIVATE KEY-----\n${canary()}\n-----END PRIVATE KEY-----` },
      withCause(),
      new AggregateError([withCause(), new Error(`apiKey=${canary()}`)], `secret=${canary()}`),
      Object.assign(new Error('x'), { config: { headers: { authorization: canary() } } }),
    ]
    expect(canaries.length).toBeGreaterThanOrEqual(60)
    for (const format of ['json', 'ecs', 'otel', 'pretty'] as const) {
      const { sink, logger } = loggerWith({ format })
      for (const entry of entries) {
        logger.info('x', { entry })
        logger.error('x', { error: entry })
        logger.child({ bound: entry }).warn('x')
        if (typeof entry === 'object' && entry !== null && 'text' in entry) logger.info(String(entry.text))
      }
      const all = sink.all.join('\n')
      expect(canaries.filter((secret) => all.includes(secret))).toEqual([])
    }
  })

  it('[LO-1] hostile values: proxies whose traps throw, and getters that log, cost nothing but themselves', () => {
    const { sink, logger } = loggerWith()
    const fail = (): never => {
      throw new Error('trap')
    }
    const traps = { get: fail, has: fail, ownKeys: fail, getPrototypeOf: fail, getOwnPropertyDescriptor: fail }
    const hostile = new Proxy({}, traps)
    const again = {
      get inner() {
        logger.info('from within')
        return 1
      },
    }
    for (const value of [hostile, new Proxy([], traps), new Proxy(() => 1, traps), again]) {
      logger.info('one', { value, other: 'kept' })
      logger.error('two', { error: value })
      logger.info('three', value)
    }
    const revoked = Proxy.revocable({}, {})
    revoked.revoke()
    logger.info('one', { value: revoked.proxy, other: 'kept' })
    logger.info(hostile as never)
    const throwing = {
      get value() {
        return fail()
      },
    }
    logger.info('of its own', throwing)
    logger.child(throwing).info('of a child')
    logger.log('loud' as never, 'of no level', throwing)
    expect(sink.json.slice(-3)).toMatchObject([
      { message: 'of its own', value: '[unreadable]' },
      { message: 'of a child', value: '[unreadable]' },
      { message: 'of no level', value: '[unreadable]', unknownLevel: 'loud' },
    ])
    const lines = sink.json.filter(({ message }) => message === 'one')
    expect(lines).toHaveLength(5)
    for (const line of lines) expect(line).toMatchObject({ other: 'kept' })
  })

  it('[LO-2] hides what the options say', () => {
    const { sink, logger } = loggerWith({ redact: { keys: ['email'], patterns: [/cust-\d+/] } })
    logger.info('for cust-42', { email: 'a@b.c' })
    expect(sink.last).toMatchObject({ message: 'for [redacted]', email: '[redacted]' })
  })

  it('[LO-1] E1 200 contexts at once with a slow transport: no wrong id', async () => {
    const seen: { requestId: string; wanted: string }[] = []
    class Slow extends Transport {
      override log(info: Record<string | symbol, unknown>, next: () => void): void {
        seen.push(JSON.parse(String(info[Symbol.for('message')])) as never)
        setImmediate(next)
      }
    }
    const { sink, logger } = loggerWith({ transports: [new Slow()] })
    await Promise.all(
      Array.from({ length: 200 }, (_, at) =>
        runInContext(contextOf(`r-${at}`), async () => {
          for (let line = 0; line < 5; line++) {
            logger.info('line', { wanted: `r-${at}` })
            await new Promise((resolve) => setImmediate(resolve))
          }
        }),
      ),
    )
    await logger.close()
    expect(seen).toHaveLength(1_000)
    expect(seen.filter(({ requestId, wanted }) => requestId !== wanted)).toEqual([])
    expect(sink.json.filter(({ requestId, wanted }) => requestId !== wanted)).toEqual([])
    expect(sink.all).toHaveLength(1_000)
  })

  it('[LO-6] a transport that hangs or fails holds up neither the lines nor the process', async () => {
    class Hung extends Transport {
      override log(): void {}
    }
    class Broken extends Transport {
      override log(_info: unknown, next: () => void): void {
        this.emit('error', new Error('broken'))
        next()
      }
    }
    const { sink, logger } = loggerWith({ transports: [new Hung(), new Broken()] })
    for (let at = 0; at < 12_000; at++) logger.info('on')
    await new Promise((resolve) => setImmediate(resolve))
    expect(sink.all).toHaveLength(12_000)
  })

  it('[LO-1] transports get level, message and details, and obey their own level', async () => {
    const seen: Record<string, unknown>[] = []
    class Own extends Transport {
      override log(info: Record<string, unknown>, next: () => void): void {
        seen.push(info)
        next()
      }
    }
    const { logger } = loggerWith({ transports: [new Own({ level: 'error' })] })
    logger.info('no')
    logger.error('yes', { order: 1, password: 'x' })
    await logger.close()
    expect(seen).toMatchObject([{ level: 'error', message: 'yes', order: 1, password: '[redacted]' }])
  })

  it('[LO-1] rotates at 10 MB and keeps 10 files where nothing else is said', () => {
    expect(resolveRotation()).toEqual({ maxBytes: 10 * 1024 * 1024, keep: 10 })
    expect(resolveRotation({ keep: 3 })).toEqual({ maxBytes: 10 * 1024 * 1024, keep: 3 })
  })

  it.each<[string, unknown]>([
    ['option', { colour: true }],
    ['level', { level: 'loud' }],
    ['format', { format: 'xml' }],
    ['service', { service: '' }],
    ['file', { file: 5 }],
    ['holdLines', { holdLines: -1 }],
    ['rotation', { rotation: { maxSize: 'big' } }],
    ['rotation', { rotation: { size: 1 } }],
    ['rotation', { rotation: { keep: -1 } }],
    ['sink', { sink: {} }],
    ['transport', { transports: [{}] }],
    ['transport', { transports: [undefined] }],
    ['redact', { redact: { key: [] } }],
  ])('[LO-1] refuses a wrong %s', (what, options) => {
    const sink = what === 'rotation' ? {} : { sink: new Lines() }
    expect(() => createLogger({ ...sink, ...(options as CreateLoggerOptions) })).toThrow(ConfigError)
  })
})
