import { describe, expect, it } from '@jest/globals'
import type { Request } from 'express'
import { versions } from '../apps.js'
import { Site, type Lines, type Reply } from '../http-harness.js'

const text = 'abcdefghij'
const headers = { 'Cache-Control': 'max-age=60', ETag: '"r"', 'Content-Type': 'text/plain' }
const whole: Reply = { headers, body: text }

/** A route that sends the part that is asked for, as file servers do. */
const serving =
  (more: Lines = {}) =>
  (req: Request): Reply => {
    const match = /^bytes=(\d+)-(\d+)$/.exec(req.headers.range ?? '')
    const headers = { 'Cache-Control': 'max-age=60', ETag: '"r"', ...more }
    if (match === null) return { headers, body: text }
    const [start, end] = [Number(match[1]), Number(match[2])]
    return {
      status: 206,
      headers: { ...headers, 'Content-Range': `bytes ${start}-${end}/10` },
      body: text.slice(start, end + 1),
    }
  }

describe.each(versions)('%s, responseCache() as it comes', (_name, express) => {
  it.each<[string, number, string, string | undefined]>([
    ['bytes=0-2', 206, 'abc', 'bytes 0-2/10'],
    ['bytes=9-', 206, 'j', 'bytes 9-9/10'],
    ['bytes=-1', 206, 'j', 'bytes 9-9/10'],
    ['bytes=-99', 206, text, 'bytes 0-9/10'],
    ['bytes=10-', 416, '', 'bytes */10'],
    ['bytes=5-4', 200, text, undefined],
    ['bytes=a-b', 200, text, undefined],
    ['bytes=', 200, text, undefined],
    ['bytes=-', 200, text, undefined],
    ['other=0-1', 200, text, undefined],
    ['bytes=0-0, 20-30', 206, 'a', 'bytes 0-0/10'],
    ['bytes=0-1, 1-3', 206, 'abcd', 'bytes 0-3/10'],
    [`bytes=${Array.from({ length: 17 }, () => '0-0').join()}`, 200, text, undefined],
    ['bytes=0-9,0-9', 200, text, undefined],
  ])('[CA-5] RFC 9110 14.2 Range: %s of a whole that is kept: %i', async (range, status, body, contentRange) => {
    const site = await Site.open(express, whole)
    await site.ask()
    const answer = await site.ask({ range })
    expect(answer).toMatchObject({ status, body })
    expect(answer.headers['content-range']).toBe(contentRange)
    expect(site.calls).toHaveLength(1)
  })

  it('[CA-5] RFC 9110 15.3.7.2 several ranges are several parts', async () => {
    const site = await Site.open(express, whole)
    await site.ask()
    const { status, headers, body } = await site.ask({ range: 'bytes=0-1, 4-5, -1' })
    expect(status).toBe(206)
    const boundary = /^multipart\/byteranges; boundary=([\w-]{20,})$/.exec(headers['content-type'] ?? '')?.[1]
    const part = (range: string, bytes: string): string =>
      `--${boundary}\r\nContent-Type: text/plain\r\nContent-Range: bytes ${range}/10\r\n\r\n${bytes}\r\n`
    expect(body).toBe(`${part('0-1', 'ab')}${part('4-5', 'ef')}${part('9-9', 'j')}--${boundary}--\r\n`)
    expect(headers['content-length']).toBe(String(body.length))
    expect(headers).not.toHaveProperty('content-range')
  })

  it.each<[string, string, number]>([
    ['the tag', '"r"', 206],
    ['another tag', '"x"', 200],
    ['a weak tag', 'W/"r"', 200],
    ['a date where there is none', 'Wed, 31 Dec 2025 00:00:00 GMT', 200],
  ])('[CA-5] RFC 9110 13.1.5 If-Range with %s', async (_what, condition, status) => {
    const site = await Site.open(express, whole)
    await site.ask()
    expect((await site.ask({ range: 'bytes=0-1', 'if-range': condition })).status).toBe(status)
  })

  it('[CA-5] RFC 9110 14.2 Range means nothing to HEAD', async () => {
    const site = await Site.open(express, whole)
    await site.ask()
    expect(await site.ask({ range: 'bytes=0-1' }, { method: 'HEAD' })).toMatchObject({
      status: 200,
      headers: { 'content-length': '10' },
    })
  })

  it('[CA-5] RFC 9110 14.2 a Range on a miss: a route that sends the whole is asked once for all parts', async () => {
    const site = await Site.open(express, whole)
    expect(await site.ask({ range: 'bytes=2-3' })).toMatchObject({
      status: 206,
      body: 'cd',
      headers: { 'content-range': 'bytes 2-3/10' },
    })
    expect((await site.ask({ range: 'bytes=4-5' })).body).toBe('ef')
    expect((await site.ask()).body).toBe(text)
    expect(site.calls).toHaveLength(1)
  })

  it('[CA-5] RFC 9111 3.3 a part that the route sends is kept, and smaller ones are served from it', async () => {
    const site = await Site.open(express, serving())
    expect(await site.ask({ range: 'bytes=2-7' })).toMatchObject({ status: 206, body: 'cdefgh' })
    for (const [range, body] of [
      ['bytes=2-7', 'cdefgh'],
      ['bytes=3-4', 'de'],
    ]) {
      expect(await site.ask({ range: range as string })).toMatchObject({ status: 206, body })
    }
    expect(site.calls).toHaveLength(1)
  })

  it('[CA-5] RFC 9111 3.3 a part answers neither a wider range nor the whole', async () => {
    const site = await Site.open(express, serving())
    await site.ask({ range: 'bytes=2-7' })
    const wider = await site.ask({ range: 'bytes=2-8' })
    expect(wider).toMatchObject({ status: 206, body: 'cdefghi' })
    expect(wider.headers['cache-status']).toContain('fwd=partial')
    expect(await site.ask()).toMatchObject({ status: 200, body: text })
    expect(site.calls).toHaveLength(3)
    expect((await site.ask({ range: 'bytes=0-1' })).body).toBe('ab')
    expect(site.calls).toHaveLength(3)
  })

  it('[CA-5] RFC 9111 3.4 parts of the same whole are joined, and make the whole', async () => {
    const site = await Site.open(express, serving())
    await site.ask({ range: 'bytes=0-4' })
    await site.ask({ range: 'bytes=3-6' })
    expect((await site.ask({ range: 'bytes=1-6' })).body).toBe('bcdefg')
    await site.ask({ range: 'bytes=7-9' })
    expect(await site.ask()).toMatchObject({ status: 200, body: text, headers: { 'content-length': '10' } })
    expect((await site.ask()).headers).not.toHaveProperty('content-range')
    expect(site.calls).toHaveLength(3)
  })

  it.each<[string, Lines]>([
    ['a weak tag', { ETag: 'W/"r"' }],
    ['no tag', { ETag: '' }],
  ])('[CA-5] RFC 9111 3.4 parts with %s are not joined', async (_what, more) => {
    const site = await Site.open(express, serving(more))
    await site.ask({ range: 'bytes=0-4' })
    await site.ask({ range: 'bytes=5-9' })
    await site.ask()
    expect(site.calls).toHaveLength(3)
  })

  it('[CA-5] RFC 9111 3.4 parts with another tag are not joined', async () => {
    const site = await Site.open(express, (req, turn) => serving({ ETag: `"${turn}"` })(req))
    await site.ask({ range: 'bytes=0-4' })
    await site.ask({ range: 'bytes=5-9' })
    expect((await site.ask({ range: 'bytes=5-9' })).headers.etag).toBe('"2"')
    await site.ask()
    expect(site.calls).toHaveLength(3)
  })

  it('[CA-5] RFC 9111 3.4 parts that do not meet are not joined', async () => {
    const site = await Site.open(express, serving())
    await site.ask({ range: 'bytes=0-1' })
    await site.ask({ range: 'bytes=3-5' })
    expect((await site.ask({ range: 'bytes=4-5' })).body).toBe('ef')
    expect(site.calls).toHaveLength(2)
    expect((await site.ask({ range: 'bytes=0-4' })).body).toBe('abcde')
    expect(site.calls).toHaveLength(3)
  })

  it('[CA-5] RFC 9111 3.3 a part whose length is not what it says is not kept', async () => {
    const site = await Site.open(express, {
      status: 206,
      headers: { 'Cache-Control': 'max-age=60', ETag: '"r"', 'Content-Range': 'bytes 0-5/10' },
      body: 'abc',
    })
    await site.ask({ range: 'bytes=0-5' })
    await site.ask({ range: 'bytes=0-5' })
    expect(site.calls).toHaveLength(2)
  })

  it('[CA-5] RFC 9111 3.3 a part that is no longer fresh is asked for again', async () => {
    const site = await Site.open(express, serving())
    await site.ask({ range: 'bytes=0-4' })
    await site.wait(61)
    expect(await site.ask({ range: 'bytes=0-4' })).toMatchObject({ status: 206, body: 'abcde' })
    expect(site.calls).toHaveLength(2)
  })
})
