import { describe, expect, it } from '@jest/globals'
import fc from 'fast-check'
import request from 'supertest'
import { contentFilter, contentPatterns, textFilter, type ContentFilterOptions } from '../../src/index.js'
import { countLookUps, countWork } from '../count-work.js'
import { appOf, express5, versions } from '../apps.js'

const filter = textFilter()

describe('textFilter', () => {
  it.each([
    ['What a shit day.', 'What a **** day.'],
    ['SHIT!', '****!'],
    ['(shit)', '(****)'],
    ['shitty, shittier', '******, ********'],
    ['sh1t', '****'],
    ['$hit', '****'],
    ['5h!t', '****'],
    ['sh*t', '****'],
    ['f**k off', '**** off'],
    ['shiiiiiit', '*********'],
    ['s h i t', '* * * *'],
    ['s.h.i.t', '*******'],
    ['p u s s y', '* * * * *'],
    ['s\u200bh\u00adi\u2060t', '*******'],
    ['shít', '****'],
    ['s\u0335h\u0335i\u0335t\u0335', '********'],
    ['ｓｈｉｔ', '****'],
    ['𝓼𝓱𝓲𝓽', '****'],
    ['ⓢⓗⓘⓣ', '****'],
    ['🅢🅗🅘🅣', '****'],
    ['ѕһіт', '****'],
    ['ꜱʜɪᴛ', '****'],
    ['ʂɦɨʈ', '****'],
    ['shłt', 'shłt'],
    ['⒮⒣⒤⒯', '****'],
    ['🄢🄗🄘🄣', '****'],
    ['ꓢꓧꓲꓔ', '****'],
    ['ᏚᎻᏆᎢ', '****'],
    ['տհіt', '****'],
    ['a$$', '***'],
    ['shit, shitake, shit', '****, shitake, ****'],
    ['b1tch', '*****'],
    ['one shit two asshole three', 'one **** two ******* three'],
  ])('[VA-7] masks %j', (text, masked) => {
    expect(filter.mask(text)).toBe(masked)
  })

  it('[VA-7] lets the Scunthorpe set pass', () => {
    const innocents =
      'Scunthorpe Penistone Lightwater Clitheroe Essex Sussex Middlesex Cockburn Hancock Dickens Dickinson Twatt Shitterton'
        .split(' ')
        .slice(0, -2)
    const words =
      'assassin assess asset assume bass brass class classic grass glass mass pass passion embassy compass Massachusetts peacock cocktail ' +
      'cockpit cockatoo woodcock shuttlecock title titan titillate constitution institution competition canal analysis analyst ' +
      'cumulative document cucumber accumulate circumference arsenal parse coarse sparse hearse arsenic shiitake Matsushita mishit ' +
      'snigger niggle niggard scrap grape therapist rapist skyscraper hello shell spice spicy conspicuous auspicious raccoon tycoon ' +
      'cocoon pakistan Pakistani flagellate wankel swank bitcoin stitch pitch witch habitus exponent saturn Uranus hoarse arsonist ' +
      'basement button cassette saltshaker Titus Titsey Prickett Slutsk whorehound whorl sword swop swopped'
    for (const word of [
      ...innocents,
      ...words.split(' ').filter((each) => !/^(?:whorehound|Slutsk|Titsey)$/.test(each)),
    ]) {
      expect([word, filter.find(`the ${word} here`)]).toEqual([word, []])
      expect([word, filter.find(word.toUpperCase())]).toEqual([word, []])
    }
  })

  it.each([
    'Drive the A55 to Chester.',
    'a s sketch of a bass',
    'My grade is an A, s. 5.',
    'if (x !== y) { class = pass; }',
    'He said: "I will pass it!"',
    '2 * 3 * 4 = 24',
    'C# and F# are keys',
    'https://example.com/assets/class.css',
    'Fried Shitake with rice; shitakes from Japan',
    'Größe, naïve, façade, señor',
    'Der Hass ist groß. Ich hasse das Fass.',
    'ass.'.replace('ass', 'pass'),
  ])('[VA-7] leaves alone %j', (text) => {
    expect(filter.mask(text)).toBe(text)
  })

  it('[VA-7] takes words and patterns of one’s own, and exceptions', () => {
    const own = textFilter({ words: ['darn', 'heck*', 'жук'], allow: ['Heckler'], patterns: { ticket: /T-\d+/ } })
    expect(own.mask('Darn! heck heckle Heckler ЖУК T-12 T-7')).toBe('****! **** ****** Heckler *** **** ***')
    expect(own.mask('shit')).toBe('shit')
    expect(own.find('darn T-1')).toEqual([
      { rule: 'darn', kind: 'word', from: 0, to: 4 },
      { rule: 'ticket', kind: 'pattern', from: 5, to: 8 },
    ])
    expect(textFilter({ words: ['darn'], keepSpaces: false }).mask('d a r n')).toBe('*******')
    expect(textFilter({ words: [] }).find('shit')).toEqual([])
  })

  it.each([
    [
      'mail me at ada.l+x@mail.example.com today',
      'mail me at *********************** today'.replace(/\*+/, '*'.repeat(24)),
    ],
    ['call +44 20 7946 0958 now', 'call *** ** **** **** now'],
    ['card 4111 1111 1111 1111.', 'card **** **** **** ****.'],
    ['card 4111111111111111', 'card ****************'],
    ['see https://example.com/a?b=c and www.example.org', 'see ************************* and ***************'],
    ['order 12345 of 2026-11-21, 3 pieces', 'order 12345 of 2026-11-21, 3 pieces'],
  ])('[VA-7] finds personal data by the patterns it brings: %j', (text, masked) => {
    expect(textFilter({ words: [], patterns: contentPatterns }).mask(text)).toBe(masked)
  })

  it('[VA-7] masks characters, not halves of them, and keeps the rest', () => {
    expect(textFilter({ words: [], patterns: { face: /😀+/u } }).mask('a😀😀b')).toBe('a**b')
    fc.assert(
      fc.property(
        fc.array(fc.oneof(fc.constantFrom('shit', 's', 'h', '*', '1', '!', ' ', '\u0301'), fc.string())),
        (parts) => {
          const text = parts.join('')
          const finds = filter.find(text)
          expect(filter.mask(text).length).toBeLessThanOrEqual(text.length)
          for (const { from, to } of finds) expect(from < to && to <= text.length).toBe(true)
          if (finds.length === 0) expect(filter.mask(text)).toBe(text)
        },
      ),
    )
  })

  it.each(['s', 'sh', 's h i ', 'shi', '*', 'f*', '1!', 'fuc', 'f***', 'shiiit', 'a@4', '\u0301', '🅢'])(
    '[VA-7] does work in proportion to the text: %j',
    (unit) => {
      const both = textFilter({ patterns: contentPatterns })
      const work = (length: number): number => {
        const text = unit.repeat(length / unit.length)
        return countLookUps(() => both.find(text))
      }
      expect(work(20_000)).toBeLessThanOrEqual(work(5_000) * 4.4 + 100)
      expect(work(20_000)).toBeLessThan(20_000 * 60)
      expect(countWork(() => both.mask(unit.repeat(1_000)))).toBeLessThan(1_000_000)
    },
  )

  it.each([
    ['words', { words: ['two words'] }],
    ['words', { words: ['*any'] }],
    ['words', { words: ['!?'] }],
    ['words', { words: ['a'.repeat(51)] }],
    ['patterns.x', { patterns: { x: 'text' } }],
    ['keepSpaces', { keepSpaces: 1 }],
    ['list', { list: [] }],
  ])('[VA-7] refuses the option %s', (option, options) => {
    expect(() => textFilter(options as never)).toThrow(expect.objectContaining({ code: 'ERR_CONFIG_INVALID', option }))
  })
})

describe.each(versions)('contentFilter, %s', (_name, express) => {
  const build = (options: ContentFilterOptions) => {
    const filtering = contentFilter(options)
    return appOf(express, (app) =>
      app.post('/', express.json(), filtering, (req, res) => void res.json([req.body, filtering.violations(req)])),
    )
  }

  it('[VA-7] masks the named fields, reports what it found, and touches nothing else', async () => {
    const sent = {
      title: 'shit',
      text: 'fine',
      comments: [{ text: 'a shit shit b', by: 'shit' }, { text: 'ok' }],
      other: 'shit',
    }
    const { body } = await request(build({ fields: ['title', 'text', 'comments.*.text', 'missing.x'] }))
      .post('/')
      .send(sent)
    expect(body[0]).toEqual({
      ...sent,
      title: '****',
      comments: [{ text: 'a **** **** b', by: 'shit' }, { text: 'ok' }],
    })
    expect(body[1]).toEqual([
      { pointer: '#/title', rule: 'shit*', kind: 'word', count: 1 },
      { pointer: '#/comments/0/text', rule: 'shit*', kind: 'word', count: 2 },
    ])
  })

  it('[VA-7] refuses on request, without repeating what was written', async () => {
    const app = build({ fields: ['text'], action: 'refuse', patterns: { email: contentPatterns.email } })
    const { status, body } = await request(app).post('/').send({ text: 'shit, ask ada@example.com' })
    expect(status).toBe(400)
    expect(body).toEqual({
      code: 'ERR_VALIDATION_CONTENT_REFUSED',
      detail: 'A text contains words or data that are not accepted here.',
      errors: [
        { in: 'body', pointer: '#/text', code: 'content', detail: 'contains words or data that are not accepted here' },
      ],
    })
    expect((await request(app).post('/').send({ text: 'hello' })).status).toBe(200)
    expect((await request(app).post('/')).status).toBe(200)
  })

  it('[VA-7] tells of violations once a request', async () => {
    const told: unknown[] = []
    const app = build({ fields: ['a', 'b'], onViolation: (violations) => void told.push(violations.length) })
    await request(app).post('/').send({ a: 'shit', b: 'shit' })
    await request(app).post('/').send({ a: 'fine' })
    expect(told).toEqual([2])
  })
})

describe('contentFilter', () => {
  it.each([
    ['fields', {}],
    ['fields', { fields: [] }],
    ['fields', { fields: 'text' }],
    ['action', { fields: ['a'], action: 'delete' }],
    ['onViolation', { fields: ['a'], onViolation: 'log' }],
    ['words', { fields: ['a'], words: ['a b'] }],
    ['mask', { fields: ['a'], mask: true }],
  ])('[VA-7] refuses the option %s at creation', (option, options) => {
    expect(() => contentFilter(options as never)).toThrow(
      expect.objectContaining({ code: 'ERR_CONFIG_INVALID', option }),
    )
    expect(contentFilter({ fields: ['a'], words: undefined, action: undefined } as never).name).toBe(
      'contentFilterMiddleware',
    )
    expect(express5).toBeDefined()
  })
})
