import { spawn, type ChildProcess } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Readable, Writable } from 'node:stream'
import { findBinary, until } from '@hardening/test-utils'

/** Path of the Chromium that tests use. */
export const chromium = findBinary('chromium', 'TEST_CHROMIUM')

interface Answer {
  id?: number
  method?: string
  params?: Record<string, unknown>
  result?: Record<string, unknown>
  error?: { message: string }
}

/** One page in a real browser, driven by the DevTools protocol over a pipe: the browser ends when the pipe does. */
export class Page {
  /** What the page has complained of: exceptions, and what its policy forbade. */
  readonly complaints: string[] = []
  readonly #browser: ChildProcess
  readonly #folder: string
  readonly #waiting = new Map<number, (answer: Answer) => void>()
  #session: string | undefined = undefined
  #sent = 0

  private constructor(browser: ChildProcess, folder: string) {
    this.#browser = browser
    this.#folder = folder
    let rest = ''
    ;(browser.stdio[4] as Readable).setEncoding('utf8').on('data', (text: string) => {
      const messages = (rest + text).split('\0')
      rest = messages.pop() ?? ''
      for (const message of messages) this.#hear(JSON.parse(message) as Answer)
    })
  }

  static async open(): Promise<Page> {
    const folder = mkdtempSync(join(tmpdir(), 'hardening-browser-'))
    const args = ['--headless', '--no-sandbox', '--disable-gpu', '--remote-debugging-pipe', `--user-data-dir=${folder}`]
    const stdio = ['ignore', 'ignore', 'ignore', 'pipe', 'pipe'] as const
    const page = new Page(spawn(chromium as string, [...args, 'about:blank'], { stdio: [...stdio] }), folder)
    const { targetId } = await page.#send('Target.createTarget', { url: 'about:blank' })
    const { sessionId } = await page.#send('Target.attachToTarget', { targetId, flatten: true })
    page.#session = sessionId as string
    for (const domain of ['Page', 'Runtime', 'Log']) await page.#send(`${domain}.enable`)
    return page
  }

  #send(method: string, params: object = {}): Promise<Record<string, unknown>> {
    const id = ++this.#sent
    const message = { id, method, params, ...(this.#session !== undefined && { sessionId: this.#session }) }
    return new Promise((resolve, reject) => {
      this.#waiting.set(id, ({ result, error }) => {
        if (error === undefined) resolve(result ?? {})
        else reject(new Error(`${method}: ${error.message}`))
      })
      ;(this.#browser.stdio[3] as Writable).write(`${JSON.stringify(message)}\0`)
    })
  }

  #hear({ id, method, params = {}, ...answer }: Answer): void {
    if (id !== undefined) {
      this.#waiting.get(id)?.(answer)
      this.#waiting.delete(id)
    } else if (method === 'Runtime.exceptionThrown') this.complaints.push(JSON.stringify(params))
    else if (method === 'Log.entryAdded') {
      const { source, text } = params['entry'] as { source: string; text: string }
      if (source === 'security' || source === 'javascript') this.complaints.push(text)
    }
  }

  /** Shows a page as wide as that. */
  async show(url: string, width: number): Promise<void> {
    await this.#send('Emulation.setDeviceMetricsOverride', { width, height: 800, deviceScaleFactor: 1, mobile: false })
    await this.#send('Page.navigate', { url })
    await until(async () => (await this.ask('document.readyState')) === 'complete', { within: 30_000 })
  }

  /** What an expression gives in the page. */
  async ask(expression: string): Promise<unknown> {
    const { result } = await this.#send('Runtime.evaluate', { expression, awaitPromise: true, returnByValue: true })
    return (result as { value?: unknown }).value
  }

  /** Presses a key as a person does. */
  async press(key: 'Tab' | 'Enter' | 'Space'): Promise<void> {
    const code = { Tab: 9, Enter: 13, Space: 32 }[key]
    const text = { Tab: undefined, Enter: '\r', Space: ' ' }[key]
    const event = { key: key === 'Space' ? ' ' : key, code: key, windowsVirtualKeyCode: code }
    await this.#send('Input.dispatchKeyEvent', {
      type: text ? 'keyDown' : 'rawKeyDown',
      ...event,
      ...(text && { text }),
    })
    await this.#send('Input.dispatchKeyEvent', { type: 'keyUp', ...event })
  }

  /** Goes on with Tab until what has the focus fits, as a person without a mouse does. */
  async tabTo(selector: string): Promise<void> {
    for (let presses = 0; presses < 60; presses++) {
      await this.press('Tab')
      if (await this.ask(`document.activeElement.matches(${JSON.stringify(selector)})`)) return
    }
    throw new Error(`${selector} cannot be reached by keyboard`)
  }

  /** Text of an element. */
  text(selector: string): Promise<string> {
    return this.ask(`document.querySelector(${JSON.stringify(selector)})?.innerText ?? ''`) as Promise<string>
  }

  async close(): Promise<void> {
    const ended = new Promise((resolve) => this.#browser.once('exit', resolve))
    this.#browser.kill('SIGKILL')
    await ended
    rmSync(this.#folder, { recursive: true, force: true, maxRetries: 5 })
  }
}
