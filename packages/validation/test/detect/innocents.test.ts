import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import express from 'express'
import request from 'supertest'
import { listen, type Listening } from '@hardening/test-utils'
import { detectBodyThreats, detectThreats, threatsOf } from '../../src/index.js'
import { innocents } from './innocents.js'

const lines = Object.entries(innocents).flatMap(([kind, texts]) => texts.map((text) => [kind, text] as const))

const app = express()
app.use(detectThreats({ mode: 'block' }), express.json(), detectBodyThreats({ mode: 'block' }))
app.use((_req, res) => void res.json(threatsOf(res)?.findings ?? []))
app.use((error: { status: number }, _req: unknown, res: express.Response, _next: unknown) => {
  res.status(error.status).json(threatsOf(res)?.findings ?? [])
})

let server: Listening
beforeAll(async () => {
  server = await listen(app)
})
afterAll(() => server.close())

describe('honest text', () => {
  it('[VA-4] the corpus has over 200 lines, in over 15 languages, and names, addresses, code, Markdown, science', () => {
    expect(lines.length).toBeGreaterThan(200)
    expect(innocents['languages']!.length).toBeGreaterThan(15)
  })

  it.each(lines)('[VA-4] passes at level 1 in block mode: %s: %j', async (_kind, text) => {
    const answer = await request(server.url)
      .post(`/search?q=${encodeURIComponent(text)}`)
      .send({ text, list: [text] })
    expect(answer.body).toEqual([])
    expect(answer.status).toBe(200)
  })
})
