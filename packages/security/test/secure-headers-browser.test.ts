import { spawn } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it } from '@jest/globals'
import { findBinary, listen } from '@hardening/test-utils'
import express from 'express'
import { secureHeaders, type SecureHeadersOptions } from '../src/index.js'

const chromium = findBinary('chromium', 'TEST_CHROMIUM')
const itInBrowser = chromium === undefined ? it.skip : it

/** What Chromium writes to its console about a page with the headers. */
async function consoleWith(options: SecureHeadersOptions): Promise<string> {
  const app = express()
  app.use(secureHeaders(options))
  app.get('/', (_req, res) => {
    res.type('html').send('<!doctype html><title>x</title><p>x</p>')
  })
  const server = await listen(app)
  const folder = mkdtempSync(join(tmpdir(), 'headers-'))
  try {
    const args = ['--headless', '--no-sandbox', '--disable-gpu', '--enable-logging=stderr', `--user-data-dir=${folder}`]
    const browser = spawn(chromium as string, [...args, '--virtual-time-budget=1000', '--dump-dom', server.url])
    let said = ''
    browser.stderr.setEncoding('utf8').on('data', (text: string) => (said += text))
    browser.stdout.resume()
    const stop = setTimeout(() => browser.kill('SIGKILL'), 60_000)
    await new Promise((resolve) => browser.once('exit', resolve))
    clearTimeout(stop)
    return said
      .split('\n')
      .filter((line) => line.includes('CONSOLE'))
      .join('\n')
  } finally {
    await server.close()
    rmSync(folder, { recursive: true, force: true })
  }
}

describe('headers in a browser', () => {
  itInBrowser.each(['web', 'api', 'strict'] as const)(
    '[SE-1] Chromium knows every header and feature of the profile %s',
    async (profile) => {
      expect(await consoleWith({ profile })).not.toMatch(/unrecogni[sz]ed|error with|invalid|unknown/i)
    },
    90_000,
  )

  itInBrowser(
    '[SE-1] a feature that Chromium does not know is told on its console',
    async () => {
      expect(await consoleWith({ permissionsPolicy: { bluetooth: [] } })).toMatch(/bluetooth/)
    },
    90_000,
  )
})
