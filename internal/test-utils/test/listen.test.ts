import { createServer } from 'node:http'
import { describe, expect, it } from '@jest/globals'
import { listen } from '../src/index.js'

describe('listen', () => {
  it('[RP-1] serves an app on a free port until it is closed', async () => {
    const served = await listen((_req, res) => res.end('hello'))
    expect(await (await fetch(served.url)).text()).toBe('hello')
    await served.close()
    await expect(fetch(served.url)).rejects.toThrow()
  })

  it('[RP-1] closes while a request is still open', async () => {
    let arrived: () => void = () => undefined
    const open = new Promise<void>((resolve) => {
      arrived = resolve
    })
    const served = await listen(() => arrived())
    const pending = fetch(served.url).catch(() => 'aborted')
    await open
    await served.close()
    expect(await pending).toBe('aborted')
  })

  it('[RP-1] takes a server that the test has made', async () => {
    const server = createServer((_req, res) => res.end('mine'))
    const served = await listen(server)
    expect(served.server).toBe(server)
    expect(await (await fetch(served.url)).text()).toBe('mine')
    await served.close()
  })
})
