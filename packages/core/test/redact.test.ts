import { describe, expect, it } from '@jest/globals'
import { ConfigError } from '../src/errors.js'
import { createRedactor, personalKeys } from '../src/redact/index.js'

/** Letters and digits as a generator of secrets gives them, the same every time. */
function random(length: number): string {
  return 'aB3dE5fG7hJ9kL1mN2pQ4rS6tU8vW0xYz'.repeat(Math.ceil(length / 33)).slice(0, length)
}

const base64url = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url')
const jwt = [base64url({ alg: 'HS256', typ: 'JWT' }), base64url({ sub: '1', exp: 1 }), random(43)].join('.')
const plain = 'hunter2-Correct.Horse'
const card = ['4111', '1111', '1111', '1111']
const pem = (label: string) => `-----BEGIN ${label}-----\n${random(64)}\n${random(40)}\n-----END ${label}-----`

const { redact, redactText, isSensitiveName } = createRedactor()

/** Name, the secret that must be gone, what it stands in. */
type Canary = [name: string, secret: string, input: unknown]

const byName: Canary[] = [
  ['password', plain, { password: plain }],
  ['password in capitals', plain, { PASSWORD: plain }],
  ['new password', plain, { newPassword: plain }],
  ['password confirmation in one piece', plain, { passwordconfirmation: plain, userpassword: plain }],
  ['hash of a password', plain, { password_hash: plain }],
  ['passwd', plain, { passwd: plain }],
  ['pwd', plain, { db_pwd: plain }],
  ['passphrase', plain, { keyPassphrase: plain }],
  ['user and pass', plain, { auth: { user: 'app', pass: plain } }],
  ['auth as text', plain, { auth: `app:${plain}` }],
  ['secret', plain, { secret: plain }],
  ['client secret', plain, { client_secret: plain }],
  ['secret access key', plain, { AWS_SECRET_ACCESS_KEY: plain }],
  ['access token', plain, { accessToken: plain }],
  ['refresh token', plain, { refresh_token: plain }],
  ['token in one piece', plain, { authtoken: plain }],
  ['tokens in a list', plain, { tokens: [plain, { inner: plain }] }],
  ['API key, four spellings', plain, { apiKey: plain, api_key: plain, 'X-API-Key': plain, APIKEY: plain }],
  ['private key', plain, { privateKey: plain }],
  ['encryption key', plain, { FIELD_ENCRYPTION_KEY: plain }],
  ['signing key', plain, { signingKeys: [plain] }],
  ['authorization header', plain, { headers: { authorization: plain } }],
  ['proxy authorization header', plain, { headers: { 'Proxy-Authorization': plain } }],
  ['cookie header', plain, { headers: { cookie: `a=${plain}` } }],
  ['set-cookie headers', plain, { headers: { 'set-cookie': [`a=${plain}; Path=/`] } }],
  ['parsed cookies', plain, { cookies: { a: plain } }],
  ['session id', plain, { sessionId: plain }],
  ['session', plain, { session: { id: plain } }],
  ['session cookie of Express', plain, { 'connect.sid': plain }],
  ['session cookie of PHP', plain, { PHPSESSID: plain }],
  ['CSRF token', plain, { _csrf: plain, csrfToken: plain }],
  ['JWT by name', plain, { jwt: plain }],
  ['credentials', plain, { credentials: { key: plain } }],
  ['one-time code', '493817', { otp: '493817' }],
  ['one-time code as a number', '493817', { otp: 493817 }],
  ['PIN', '4938', { pin: 4938, cardPin: '4938' }],
  ['CVV', '737', { cvv: '737', cvc: 737, securityCode: '737' }],
  ['card number by name', '4938', { cardNumber: '4938' }],
  ['credit card', '4938', { creditCard: { last: '4938' } }],
  ['SSN', '078-05-1120', { ssn: '078-05-1120', socialSecurityNumber: '078-05-1120' }],
  ['IBAN', 'DE89370400440532013000', { iban: 'DE89370400440532013000' }],
  ['date of birth', '1815-12-10', { dateOfBirth: '1815-12-10', dob: '1815-12-10' }],
  ['passport', 'C01X00T47', { passportNumber: 'C01X00T47' }],
  ['recovery codes', plain, { recoveryCodes: [plain] }],
  ['seed phrase', plain, { seedPhrase: plain, mnemonic: plain }],
  ['name and value', plain, { fields: [{ name: 'password', value: plain }] }],
  ['key and value', plain, [{ key: 'X-Api-Key', value: plain }]],
  ['entries of an object', plain, Object.entries({ password: plain, kept: 1 })],
  ['raw headers', plain, { rawHeaders: ['Host', 'kept', 'Authorization', plain] }],
  ['Map', plain, new Map([['password', plain]])],
  ['Headers', plain, new Headers({ 'x-api-key': plain })],
  ['URLSearchParams', plain, new URLSearchParams({ token: plain })],
  ['deep in lists and objects', plain, { a: [{ b: [new Map([['c', { password: plain }]])] }] }],
  ['from toJSON', plain, { user: { toJSON: () => ({ password: plain }) } }],
  ['property of an error', plain, Object.assign(new Error('failed'), { config: { password: plain } })],
]

const byShape: Canary[] = [
  ['JWT', jwt, `got ${jwt}!`],
  ['JWT without a signature', jwt.slice(0, jwt.lastIndexOf('.') + 1), `x ${jwt.slice(0, jwt.lastIndexOf('.') + 1)} y`],
  ['encrypted JWT', random(30), `eyJhbGciOiJkaXIifQ..${random(16)}.${random(30)}.${random(22)}`],
  ['JWT in a path', jwt, `/reset/${jwt}/form`],
  ['bearer', plain, `Authorization failed for Bearer ${plain}`],
  ['bearer in small letters', random(20), `sent bearer ${random(20)}`],
  ['basic', 'dXNlcjpodW50ZXIy', 'tried Basic dXNlcjpodW50ZXIy'],
  ['basic with padding in quotes', 'dXNlcjpwYXNzdw==', '{"h":"Basic dXNlcjpwYXNzdw=="}'],
  ['bearer with padding in quotes', 'dXNlcjpwYXNzd2Q=', 'curl -H "X: Bearer dXNlcjpwYXNzd2Q="'],
  ['basic without digits', 'YTpi', 'tried Basic YTpi'],
  ['AWS access key', `AKIAIOSFODNN7EXAMPLE`, `key=AKIAIOSFODNN7EXAMPLE region=eu`],
  ['AWS temporary key', `ASIAIOSFODNN7EXAMPLE`, `[ASIAIOSFODNN7EXAMPLE]`],
  ['GitHub token', `ghp_${random(36)}`, `clone with ghp_${random(36)}`],
  ['GitHub server token', `ghs_${random(36)}`, [`ghs_${random(36)}`]],
  ['GitHub fine-grained token', `github_pat_${random(22)}_${random(59)}`, `github_pat_${random(22)}_${random(59)}`],
  ['GitLab token', `glpat-${random(20)}`, `glpat-${random(20)}`],
  ['Stripe secret key', `sk_live_${random(24)}`, `No such key: sk_live_${random(24)}`],
  ['Stripe test key', `sk_test_${random(24)}`, `sk_test_${random(24)}`],
  ['Stripe restricted key', `rk_live_${random(24)}`, `rk_live_${random(24)}`],
  ['Stripe webhook secret', `whsec_${random(32)}`, `whsec_${random(32)}`],
  ['Slack bot token', `xoxb-1234567890-${random(24)}`, `xoxb-1234567890-${random(24)}`],
  ['Slack app token', `xapp-1-${random(40)}`, `xapp-1-${random(40)}`],
  ['Google API key', `AIza${random(35)}`, `https://maps.example/api?key=AIza${random(35)}`],
  ['Google OAuth secret', `GOCSPX-${random(28)}`, `GOCSPX-${random(28)}`],
  ['Google access token', `ya29.${random(60)}`, `ya29.${random(60)}`],
  ['SendGrid key', `SG.${random(22)}.${random(43)}`, `SG.${random(22)}.${random(43)}`],
  ['npm token', `npm_${random(36)}`, `//registry.example/:_authToken=npm_${random(36)}`],
  ['OpenAI key', `sk-proj-${random(48)}`, `Incorrect API key provided: sk-proj-${random(48)}`],
  ['Anthropic key', `sk-ant-api03-${random(60)}`, `sk-ant-api03-${random(60)}`],
  ['Hugging Face token', `hf_${random(34)}`, `hf_${random(34)}`],
  ['Vault token', `hvs.${random(90)}`, `hvs.${random(90)}`],
  ['API key of our own', `acme_live_k1d2_${random(32)}_9f3a21`, `refused acme_live_k1d2_${random(32)}_9f3a21`],
  ['token behind another word', `ghp_${random(36)}`, `file-ghp_${random(36)}.txt`],
  ['token as a key', `ghp_${random(36)}`, { [`ghp_${random(36)}`]: 1 }],
  ['card', card.join(''), `paid with ${card.join('')}.`],
  ['card with spaces', card.join(' '), `paid with ${card.join(' ')}, thanks`],
  ['card with hyphens', card.join('-'), `paid with ${card.join('-')}`],
  ['card behind a year', card.join(' '), `2026 ${card.join(' ')}`],
  ['card as a number', card.join(''), { n: Number(card.join('')) }],
  ['card as a big integer', card.join(''), { n: BigInt(card.join('')) }],
  ['American Express', '3782 822463 10005', 'amex 3782 822463 10005'],
  ['Mastercard of the second series', '2221000000000009', '2221000000000009'],
  ['private key', random(64), `key: ${pem('PRIVATE KEY')} end`],
  ['RSA private key', random(64), pem('RSA PRIVATE KEY')],
  ['OpenSSH private key', random(64), pem('OPENSSH PRIVATE KEY')],
  ['PGP private key', random(64), pem('PGP PRIVATE KEY BLOCK')],
  ['private key without an end', random(64), pem('EC PRIVATE KEY').slice(0, 110)],
  ['private key with written line ends', random(64), pem('PRIVATE KEY').replaceAll('\n', '\\n')],
  ['password in a URL', plain, `connect postgres://app:${plain}@db.example:5432/main failed`],
  ['password in a URL without a user', plain, `redis://:${plain}@cache:6379`],
  ['password with an @ in a URL', 'p@ss', `amqp://app:p@ss@queue/`],
  ['password with a slash in a URL', 'p4/ss', `mysql://app:p4/ss@db/main`],
  ['token as a user in a URL', random(40), `https://${random(40)}@git.example/repo.git`],
  ['token in a query string', plain, `GET /cb?token=${plain}&kept=1`],
  ['access token in a fragment', plain, `https://app.example/#access_token=${plain}`],
  ['API key in a query string', plain, `/v1?a=b&api_key=${plain}`],
  ['password field in brackets', plain, `user[password]=${plain}&x=1`],
  ['authorization code', random(32), `/callback?state=x&code=${random(32)}`],
  ['signature of a link', random(64), `https://b.example/f?X-Amz-Signature=${random(64)}`],
  ['form body', plain, `username=ada&password=${plain}`],
  ['connection string', plain, `Server=db;User Id=sa;Password=${plain};Encrypt=true`],
  ['environment line', plain, `DB_PASSWORD=${plain}\nPORT=1`],
  ['quoted assignment', 'two words', `secret = "two words"`],
  ['JSON in a text', plain, `body was {"user":"ada","password":"${plain}"}`],
  ['JSON in a text with a quote', 'a\\"b', `{"password":"a\\"b","x":1}`],
  ['JSON inside JSON', plain, JSON.stringify(JSON.stringify({ password: plain, x: 1 }))],
  ['JSON three times', plain, JSON.stringify(JSON.stringify(JSON.stringify({ password: plain })))],
  ['number in JSON', '493817', '{"otp":493817,"x":1}'],
  ['list in JSON', plain, `{"tokens":["${plain}","${plain}"]}`],
  ['object as the console shows it', plain, `{ user: 'ada', password: '${plain}' }`],
  ['number as the console shows it', '4938', '{ user: 1, pin: 4938 }'],
  ['hash of Ruby', plain, `{:password=>"${plain}"}`],
  ['XML', plain, `<login><password>${plain}</password></login>`],
  ['header lines', plain, `GET / HTTP/1.1\r\nCookie: sid=${plain}; b=2\r\nX-Auth-Token: ${plain}\r\n\r\n`],
  ['header lines of curl', plain, `> Authorization: Digest ${plain}\n> Accept: */*`],
  ['YAML', plain, `user: ada\npassword: ${plain}\n`],
  ['message of an error', plain, new Error(`login failed: password=${plain}`)],
  ['cause of an error', plain, new Error('failed', { cause: new Error(`x?token=${plain}`) })],
  ['errors of an aggregate', plain, new AggregateError([new Error(`x?token=${plain}`)], 'all failed')],
  ['text cause of an error', jwt, new Error('failed', { cause: jwt })],
]

describe('canaries', () => {
  it('[CO-6] there are more than sixty of them', () => {
    expect(byName.length + byShape.length).toBeGreaterThan(60)
  })

  it.each([...byName, ...byShape])('[CO-6] hides by name and shape: %s', (_name, secret, input) => {
    const output = JSON.stringify(redact(input))
    expect(output).toContain('[redacted]')
    expect(output).not.toContain(secret)
    expect(output).not.toContain(JSON.stringify(secret).slice(1, -1))
  })

  it.each(byShape.filter(([, , input]) => typeof input === 'string'))(
    '[CO-6] hides in a text, and again finds nothing: %s',
    (_name, secret, input) => {
      const once = redactText(input as string)
      expect(once).not.toContain(secret)
      expect(redactText(once)).toBe(once)
    },
  )

  it.each([
    [`GET /cb?token=${plain}&kept=1 HTTP/1.1`, 'GET /cb?token=[redacted]&kept=1 HTTP/1.1'],
    [`postgres://app:${plain}@db.example:5432/main`, 'postgres://app:[redacted]@db.example:5432/main'],
    [`Authorization: Bearer ${jwt}\r\nHost: a`, 'Authorization: [redacted]\r\nHost: a'],
    [`a ${pem('PRIVATE KEY')} b`, 'a [redacted] b'],
    [`{"user":"ada","password":"${plain}","n":1}`, '{"user":"ada","password":"[redacted]","n":1}'],
    [`paid with ${card.join(' ')}, thanks`, 'paid with [redacted], thanks'],
    [`<a><token>${plain}</token></a>`, '<a><token>[redacted]</token></a>'],
    [`see ghp_${random(36)} and ${jwt} there`, 'see [redacted] and [redacted] there'],
    [`Server=db;Password=${plain};Encrypt=true`, 'Server=db;Password=[redacted];Encrypt=true'],
  ])('[CO-6] hides the secret and nothing else of a text: %#', (input, expected) => {
    expect(redactText(input)).toBe(expected)
  })

  it('[CO-6] hides what is under a name and keeps what is beside it', () => {
    expect(
      redact({
        user: { id: 7, name: 'Ada', password: plain, apiKeys: [plain] },
        headers: { host: 'a.example', authorization: `Bearer ${jwt}` },
        usage: { promptTokens: 12, tokens: { prompt: 12, note: plain } },
        done: true,
      }),
    ).toEqual({
      user: { id: 7, name: 'Ada', password: '[redacted]', apiKeys: ['[redacted]'] },
      headers: { host: 'a.example', authorization: '[redacted]' },
      usage: { promptTokens: 12, tokens: { prompt: 12, note: '[redacted]' } },
      done: true,
    })
  })
})

describe('innocents', () => {
  const uuid = '6f6a1f0e-6b1e-4a55-9f3c-0d7a3c6f1b11'
  const values: [name: string, value: Record<string, unknown>][] = [
    [
      'counts of tokens',
      { tokenCount: 3, promptTokens: 12, completion_tokens: 30, total_tokens: 42, maxTokens: '800' },
    ],
    ['a count under a plural', { tokens: 512, sessions: 4, cookies: 2, secrets: 3, passwords: 0 }],
    ['counts by kind', { tokens: { prompt: 12, completion: 30 }, sessions: { active: 4 } }],
    ['numbers of tokens', { numberOfTokens: 5, tokensPerSecond: 80, tokens_used: 7, tokensRemaining: 9 }],
    ['a price of tokens', { tokenPrice: '0.01', tokenSymbol: 'ETH', tokenDecimals: 18 }],
    ['author and authority', { author: 'Ada', authors: ['Ada'], authority: 'a.example', authored: 'x' }],
    ['authenticated', { authenticated: 'yes', authenticator: 'x', authType: 'x' }],
    ['words with key in them', { monkey: 'x', keyboard: 'x', turkey: 'x', keynote: 'x', hockey: 'x' }],
    ['keys that are no secrets', { key: 'x', primaryKey: 'id', cacheKey: 'u:1', sortKey: 'x', foreignKey: 'x' }],
    ['public keys', { publicKey: 'x', keyId: 'x', apiKeyId: 'x', tokenId: 'x', public_key_url: 'x' }],
    ['secretary', { secretary: 'Ada', secretariat: 'x', secretion: 'x' }],
    ['tokenizer', { tokenizer: 'x', tokenization: 'x', tokenize: 'x', tokenized: 'x' }],
    ['about a token', { tokenType: 'Bearer', token_type: 'Bearer', tokenEndpoint: 'x', tokenExpiresAt: 'x' }],
    ['where the next page begins', { nextPageToken: 'x', pageToken: 'x', next_token: 'x', continuationToken: 'x' }],
    ['about a password', { passwordPolicy: 'x', passwordStrength: 'x', passwordChangedAt: 'x', passwordMinLength: 8 }],
    ['whether there is one', { hasPassword: true, password: false, token: null, secret: '', isTokenValid: 'yes' }],
    ['passwordless', { passwordless: 'x' }],
    ['about a session', { sessionTimeout: 'x', sessionCount: 3, sessionDuration: 'x', sessionTitle: 'x' }],
    [
      'about a cookie',
      { cookieName: 'x', cookieDomain: 'x', cookieConsent: 'x', cookieMaxAge: 9, cookieSameSite: 'x' },
    ],
    ['about authorization', { authorizationUrl: 'x', authorization_endpoint: 'x', authorizationStatus: 'x' }],
    [
      'words with pin in them',
      { pinned: 'x', pinterest: 'x', spinner: 'x', shipping: 'x', opinion: 'x', pinColor: 'x' },
    ],
    ['words with pass in them', { passed: 4, compass: 'x', bypass: 'x', passenger: 'x', passRate: 1, pass: 10 }],
    [
      'words with otp, ssn, sid and cvv in them',
      { hotplug: 'x', classname: 'x', inside: 'x', side: 'x', president: 'x' },
    ],
    ['session and cookie beginnings', { cookieless: 'x', sessionless: 'x' }],
    ['a file of a key', { privateKeyPath: '/etc/x', privateKeyFile: '/etc/x', secretName: 'x', secretVersion: 3 }],
    ['cards', { cardType: 'visa', card: 'x', dashboard: 'x', discard: 'x', cardinality: 3 }],
    [
      'ids',
      { id: uuid, traceId: '0af7651916cd43dd8448eb211c80319c', spanId: 'b7ad6b7169203331', requestId: random(32) },
    ],
    ['numbers', { a: 0, b: -1, c: 1.5, at: 1763683200000, micros: 1763683200000000, big: 9007199254740991 }],
    ['algorithm', { algorithm: 'token-bucket', tokenBucket: 'x', bucketTokens: 5 }],
    [
      'names of pairs',
      {
        pairs: [
          { name: 'host', value: 'x' },
          { key: 'page', value: 2 },
        ],
      },
    ],
    ['names in a list', { missing: ['password', 'token'], fields: ['secret', 'pin'] }],
  ]
  it.each(values)('[CO-6] stays as it is: %s', (_name, value) => {
    expect(redact(value)).toEqual(value)
  })

  it.each([
    '',
    'x',
    'Invalid password: must be at least 8 characters',
    'The token is missing',
    'Unexpected token < in JSON at position 0',
    "Cannot read properties of undefined (reading 'token')",
    'Basic authentication is required',
    'Basic Authentication',
    'the bearer of bad news',
    'Bearer token missing',
    'WWW-Authenticate: Bearer realm="api"',
    'if (token == null) return',
    'secret === undefined',
    'password=null token=true',
    'max_tokens=800&tokens=512',
    '2026-11-21T01:02:03.456Z',
    uuid,
    `https://a.example/users/${uuid}?page=2&sort=name`,
    'https://a.example:8443/users/ada@b.example',
    'http://localhost:3000/a@b',
    'http://[2001:db8::1]:8080/x@y',
    'ssh://git@github.com/a/b.git',
    'git@github.com:a/b.git',
    'mailto:ada@example.com',
    '?code=404&key=name',
    'code=ERR_HTTP_INVALID_STATUS_CODE_1',
    'sha256-47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=',
    'da39a3ee5e6b4b0d3255bfef95601890afd80709',
    '"33a64df551425fcc55e4d42a148795d9f25f89d4"',
    '1763683200000 1763683200000000 1763683200000000000',
    '1234567890123456',
    '4111111111111112',
    '4111.1111111111111111',
    'order 41111111-1111-1111-8abc-111111111111',
    'WWW-Authenticate: Bearer realm=api, error=invalid_token',
    '+49 30 1234567 and +1 (555) 010-9999',
    '978-3-16-148410-0 9783161484100 4006381333931',
    '192.0.2.1 2001:db8::1 10.0.0.0/8',
    'Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Safari/537.36',
    'SELECT * FROM users WHERE id = $1 AND name = $2',
    'npm_package_dependencies_with_a_long_name_2',
    'sk-learn-is-an-example-of-a-long-name',
    'ghp_short',
    'my_test_function_name_with_many_parts_2',
    'app_test_20261121_main',
    `pk_live_${random(24)}`,
    'AKIA',
    'AKIAxxxxxxxxxxxxxxxx',
    'eyJhbGciOiJIUzI1NiJ9',
    `-----BEGIN CERTIFICATE-----\n${random(64)}\n-----END CERTIFICATE-----`,
    `-----BEGIN PUBLIC KEY-----\n${random(64)}\n-----END PUBLIC KEY-----`,
    '---------- section ----------',
    'a => b, token => value',
    '<input type="password" name="x">',
    "default-src 'self'; script-src 'nonce-r4nd0m'",
    'at Object.<anonymous> (/srv/app/token.js:10:15)',
    'file:///C:/Users/ada/keys.txt',
    'application/json; charset=utf-8',
    'text/html,application/xhtml+xml;q=0.9,*/*;q=0.8',
  ])('[CO-6] text stays as it is: %s', (text) => {
    expect(redactText(text)).toBe(text)
    expect(redact(text)).toBe(text)
  })

  it('[CO-6] tells whether a name is sensitive', () => {
    expect(isSensitiveName('X-Api-Key')).toBe(true)
    expect(isSensitiveName('tokens')).toBe(true)
    expect(isSensitiveName('tokenCount')).toBe(false)
  })
})

describe('options', () => {
  it('[CO-6] option keys: names in any spelling, beside the built-in ones', () => {
    const redactor = createRedactor({ keys: ['employeeNumber', 'Codename'] })
    expect(
      redactor.redact({ employee_number: 'x', 'X-Employee-Number': 'x', codeName: 'x', codename: 'x', password: 'x' }),
    ).toEqual({
      employee_number: '[redacted]',
      'X-Employee-Number': '[redacted]',
      codeName: 'x',
      codename: '[redacted]',
      password: '[redacted]',
    })
    expect(redactor.redactText('/?employeeNumber=77')).toBe('/?employeeNumber=[redacted]')
  })

  it('[CO-6] option keys: patterns, every time, whatever their flags', () => {
    const redactor = createRedactor({ keys: [/^internal_/gi] })
    const input = { Internal_a: 'x', internal_b: 'x', other: 'x' }
    const expected = { Internal_a: '[redacted]', internal_b: '[redacted]', other: 'x' }
    expect(redactor.redact(input)).toEqual(expected)
    expect(redactor.redact([input, input])).toEqual([expected, expected])
  })

  it('[CO-6] option keys: personal data on request', () => {
    const input = {
      email: 'a@b.example',
      'E-Mail': 'x',
      phoneNumber: '1',
      firstName: 'Ada',
      zip_code: '1',
      emailCount: 3,
    }
    expect(createRedactor().redact(input)).toEqual(input)
    expect(createRedactor({ keys: personalKeys }).redact(input)).toEqual({
      email: '[redacted]',
      'E-Mail': '[redacted]',
      phoneNumber: '[redacted]',
      firstName: '[redacted]',
      zip_code: '[redacted]',
      emailCount: 3,
    })
  })

  it('[CO-6] option paths: names, indexes, quoted keys and stars', () => {
    const redactor = createRedactor({
      paths: ['user.email', 'items[*].price', 'list[1]', 'headers["x.y"]', "odd['*']", '*.deep.*', 'flag', 'whole'],
    })
    expect(
      redactor.redact({
        user: { email: 'x', name: 'kept', nested: { email: 'kept' } },
        items: [{ price: 1, id: 'kept' }, { price: 2 }],
        list: ['kept', 'x', 'kept'],
        headers: { 'x.y': 'x', 'x-z': 'kept' },
        odd: { '*': 'x', a: 'kept' },
        a: { deep: { b: 'x', c: { d: 'x' } } },
        deep: { b: 'kept' },
        flag: true,
        whole: { a: 1 },
        email: 'kept',
      }),
    ).toEqual({
      user: { email: '[redacted]', name: 'kept', nested: { email: 'kept' } },
      items: [{ price: '[redacted]', id: 'kept' }, { price: '[redacted]' }],
      list: ['kept', '[redacted]', 'kept'],
      headers: { 'x.y': '[redacted]', 'x-z': 'kept' },
      odd: { '*': '[redacted]', a: 'kept' },
      a: { deep: { b: '[redacted]', c: '[redacted]' } },
      deep: { b: 'kept' },
      flag: '[redacted]',
      whole: '[redacted]',
      email: 'kept',
    })
    expect(createRedactor({ paths: ['[*].a'] }).redact([{ a: 1, b: 2 }])).toEqual([{ a: '[redacted]', b: 2 }])
    expect(createRedactor({ paths: ['*'] }).redact({ a: 1, b: { c: 2 } })).toEqual({ a: '[redacted]', b: '[redacted]' })
  })

  it('[CO-6] option paths: through maps, errors and headers', () => {
    const redactor = createRedactor({ paths: ['map.a', 'error.cause.detail', 'headers.x-a'] })
    const cause = Object.assign(new Error('inner'), { detail: 'x' })
    const output = redactor.redact({
      map: new Map([['a', 1]]),
      error: new Error('outer', { cause }),
      headers: new Headers({ 'x-a': 'x', 'x-b': 'kept' }),
    })
    expect(output).toMatchObject({
      map: { a: '[redacted]' },
      error: { message: 'outer', cause: { message: 'inner', detail: '[redacted]' } },
      headers: { 'x-a': '[redacted]', 'x-b': 'kept' },
    })
  })

  it('[CO-6] option keep: names and paths are shown, but not secrets by shape', () => {
    const redactor = createRedactor({ keep: ['session', 'game.token', 'hands[*].pin'] })
    expect(
      redactor.redact({
        session: { title: 'Keynote', speaker: 'Ada', token: 'x' },
        game: { token: 'boot', other: jwt },
        token: 'x',
        hands: [{ pin: 4, token: 'x' }],
      }),
    ).toEqual({
      session: { title: 'Keynote', speaker: 'Ada', token: '[redacted]' },
      game: { token: 'boot', other: '[redacted]' },
      token: '[redacted]',
      hands: [{ pin: 4, token: '[redacted]' }],
    })
    expect(createRedactor({ keep: ['token'] }).redact({ token: jwt, accessToken: 'x' })).toEqual({
      token: '[redacted]',
      accessToken: '[redacted]',
    })
  })

  it('[CO-6] option keep: what is hidden by a path stays hidden, what is kept by name is not found by a pattern', () => {
    expect(createRedactor({ keep: ['a.b'], paths: ['a.b'] }).redact({ a: { b: 1 } })).toEqual({
      a: { b: '[redacted]' },
    })
    expect(createRedactor({ keep: ['internal_id'], keys: [/^internal/] }).redact({ internal_id: 1 })).toEqual({
      internal_id: 1,
    })
  })

  it('[CO-6] option patterns: every match in every text', () => {
    const redactor = createRedactor({ patterns: [/EMP-\d{4}/, /case \d+/i], replacement: '$1' })
    expect(redactor.redactText('EMP-1234 and EMP-5678 in Case 9')).toBe('$1 and $1 in $1')
    expect(redactor.redact({ a: ['EMP-1234'], b: new Error('EMP-1234') })).toMatchObject({
      a: ['$1'],
      b: { message: '$1' },
    })
  })

  it('[CO-6] option prefixes: tokens of your own', () => {
    const redactor = createRedactor({ prefixes: ['acme_'] })
    expect(redactor.redactText(`use acme_${random(12)}, not acme_documentation_page`)).toBe(
      'use [redacted], not acme_documentation_page',
    )
  })

  it('[CO-6] option replacement', () => {
    expect(createRedactor({ replacement: '***' }).redact({ password: 'x', a: `?token=${plain}` })).toEqual({
      password: '***',
      a: '?token=***',
    })
  })

  it('[CO-6] options that are undefined are omitted', () => {
    const omitted = {
      keys: undefined,
      paths: undefined,
      keep: undefined,
      patterns: undefined,
      prefixes: undefined,
      replacement: undefined,
      limits: undefined,
    } as never
    expect(createRedactor(omitted).redact({ password: 'x' })).toEqual({ password: '[redacted]' })
    expect(createRedactor({ limits: { depth: undefined as never } }).redact([[1]])).toEqual([[1]])
  })

  it.each([
    [{ keys: 'password' }, 'keys'],
    [{ keys: [''] }, 'keys[0]'],
    [{ keys: ['a', 7] }, 'keys[1]'],
    [{ keys: ['123'] }, 'keys[0]'],
    [{ paths: ['a..b'] }, 'paths[0]'],
    [{ paths: ['.a'] }, 'paths[0]'],
    [{ paths: ['a.'] }, 'paths[0]'],
    [{ paths: ['a', 'b[x]'] }, 'paths[1]'],
    [{ paths: ['a[0'] }, 'paths[0]'],
    [{ paths: ['a*b'] }, 'paths[0]'],
    [{ paths: [''] }, 'paths[0]'],
    [{ paths: [7] }, 'paths[0]'],
    [{ keep: ['a[b'] }, 'keep'],
    [{ keep: [null] }, 'keep[0]'],
    [{ patterns: ['x'] }, 'patterns[0]'],
    [{ patterns: /x/ }, 'patterns'],
    [{ prefixes: ['ab'] }, 'prefixes[0]'],
    [{ prefixes: ['a b c'] }, 'prefixes[0]'],
    [{ replacement: 7 }, 'replacement'],
    [{ replacement: 'x'.repeat(101) }, 'replacement'],
    [{ limits: { depth: 0 } }, 'limits.depth'],
    [{ limits: { depth: 101 } }, 'limits.depth'],
    [{ limits: { stringLength: 1.5 } }, 'limits.stringLength'],
    [{ limits: { nodes: '5' } }, 'limits.nodes'],
    [{ limits: { size: 5 } }, 'limits.size'],
    [{ limits: 5 }, 'limits'],
    [{ pattern: [] }, 'pattern'],
    ['x', 'options'],
  ])('[CO-6] options refused: %j', (options, option) => {
    const refused = () => createRedactor(options as never)
    expect(refused).toThrow(ConfigError)
    expect(refused).toThrow(`createRedactor: \`${option}`)
  })
})
