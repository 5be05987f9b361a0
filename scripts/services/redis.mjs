import { connect } from 'node:net'
import { freePort } from '../lib/free-port.mjs'
import { temporaryFolder } from '../lib/processes.mjs'
import { startServer } from './server.mjs'
import { firstThatWorks } from './program.mjs'

/** One Redis for all tests, and the program, for those tests that start, kill and freeze their own. */
export const redis = {
  name: 'Redis',
  variables: ['TEST_REDIS_URL', 'TEST_REDIS_SERVER'],
  async provide() {
    const given = process.env.TEST_REDIS_URL || undefined
    const attempt = async (path) => ({ path, url: given ?? (await startRedis(path)) })
    const found = await firstThatWorks({
      names: ['redis-server'],
      given: process.env.TEST_REDIS_SERVER,
      debianPackage: 'redis-server',
      attempt,
    })
    return {
      variables: { TEST_REDIS_URL: found.url, TEST_REDIS_SERVER: found.path },
      word: given ? 'TEST_REDIS_URL' : `started ${found.path}`,
    }
  },
}

async function startRedis(path) {
  const folder = temporaryFolder('redis')
  const port = await freePort()
  const args = ['--port', String(port), '--bind', '127.0.0.1', '--save', '', '--appendonly', 'no', '--dir', folder]
  await startServer(path, args, { cwd: folder }, () => answersPing(port))
  return `redis://127.0.0.1:${port}`
}

function answersPing(port) {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1', () => socket.write('PING\r\n'))
    const finish = (answer) => {
      socket.destroy()
      resolve(answer)
    }
    socket.once('data', (data) => finish(data.toString() === '+PONG\r\n'))
    socket.once('error', () => finish(false))
    socket.setTimeout(1000, () => finish(false))
  })
}
