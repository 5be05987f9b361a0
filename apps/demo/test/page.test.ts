import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals'
import { listen, until, type Listening } from '@hardening/test-utils'
import { chromium, Page } from './browser.js'
import { startDemo, type RunningDemo } from './demo.js'

const itInBrowser = chromium === undefined ? it.skip : it

describe('the page of the demo in a real browser', () => {
  let demo: RunningDemo
  let server: Listening
  let page: Page
  const says = (selector: string, what: RegExp): Promise<unknown> =>
    until(async () => what.test(await page.text(selector)), {
      within: 30_000,
      every: 100,
      what: `${String(what)} in ${selector}`,
    })

  beforeAll(async () => {
    if (chromium === undefined) return
    demo = await startDemo()
    server = await listen(demo.kit.createServer())
    page = await Page.open()
  }, 90_000)
  afterAll(async () => {
    if (chromium === undefined) return
    await page.close()
    await server.close()
    await demo.close()
  })
  beforeEach(async () => {
    if (chromium !== undefined) await page.show(server.url, 375)
  }, 60_000)

  itInBrowser(
    '[DE-3] by keyboard: a document is submitted and its work is seen',
    async () => {
      await says('#jobs-where', /by the server itself/)
      await page.tabTo('[data-samples*=paceMs]')
      await page.press('Enter')
      await says('#jobs-told', /1 handed over/)
      await says('#jobs-list', /Sample \d+\s+(?:running|done)/)
      await says('#jobs-list', /746 words in 6 chunks/)
    },
    60_000,
  )

  itInBrowser(
    '[DE-3] by keyboard: one that fails to the end is a dead letter, and is replayed; twice',
    async () => {
      for (let time = 0; time < 2; time++) {
        await page.tabTo('[data-samples*="\\"failures\\":3"]')
        await page.press('Space')
        await says('#jobs-list', /dead letter/)
        await until(async () => (await page.ask("document.querySelector('#replay').disabled")) === false)
        await page.tabTo('#replay')
        await page.press('Enter')
        await says('#jobs-told', /1 put back/)
        await until(async () => !/dead letter/.test(await page.text('#jobs-list')), { within: 30_000 })
      }
    },
    90_000,
  )

  itInBrowser(
    '[DE-3] without a worker process none can be killed',
    async () => {
      await says('#jobs-where', /REDIS_URL/)
      expect(await page.ask("document.querySelector('#kill').disabled")).toBe(true)
    },
    60_000,
  )

  itInBrowser(
    '[DE-3] a service that is dead: the answers, the breaker, and what was measured',
    async () => {
      await says('#upstream-state', /closed/)
      await page.ask("document.querySelector('input[value=dead]').click()")
      await page.tabTo('#ask-many')
      await page.press('Enter')
      await says('#upstream-answers', /503 after \d+ ms: ERR_RESILIENCE_OPEN, again in/)
      await says('#upstream-state', /open/)
      await page.show(server.url, 375)
      await says('#operations', /rates upstream/)
      await says('#alerts', /rules/)
      await page.ask("document.querySelector('input[value=well]').click()")
    },
    90_000,
  )

  itInBrowser.each([375, 1100])(
    '[DE-3] %i px wide: nothing sticks out, and its own policy forbids nothing of it',
    async (width) => {
      await page.show(server.url, width)
      await says('#jobs-state', /Dead letters/)
      await says('#operations', /http/)
      // As wide as figures may become.
      await page.ask(
        "for (const cell of document.querySelectorAll('#operations td:not(:first-child)')) cell.textContent = '1000000 ms'",
      )
      const tooWide = 'document.documentElement.scrollWidth - document.documentElement.clientWidth'
      expect(await page.ask(tooWide)).toBe(0)
      expect(page.complaints).toEqual([])
    },
    60_000,
  )
})
