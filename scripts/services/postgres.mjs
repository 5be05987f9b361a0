import { randomBytes } from 'node:crypto'
import { chownSync, existsSync, mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { freePort } from '../lib/free-port.mjs'
import { run, temporaryFolder } from '../lib/processes.mjs'
import { lastLines } from '../lib/stage.mjs'
import { firstThatWorks, isExecutable } from './program.mjs'
import { startServer } from './server.mjs'

/** One Postgres for all tests, and the folder of its programs, for tests that start, kill and freeze their own. */
export const postgres = {
  name: 'Postgres',
  variables: ['TEST_DATABASE_URL', 'TEST_POSTGRES_BIN'],
  async provide() {
    const given = process.env.TEST_DATABASE_URL || undefined
    if (given) return { variables: { TEST_DATABASE_URL: given }, word: 'TEST_DATABASE_URL' }
    const [bin, url] = await firstThatWorks({
      names: ['postgres'],
      given: process.env.TEST_POSTGRES_BIN && join(process.env.TEST_POSTGRES_BIN, 'postgres'),
      debianPackage: 'postgresql',
      folders: versionFolders,
      attempt: async (path) => [dirname(path), await startPostgres(dirname(path))],
    })
    return { variables: { TEST_DATABASE_URL: url, TEST_POSTGRES_BIN: bin }, word: `started ${join(bin, 'postgres')}` }
  },
}

/** Where Debian keeps the programs of each version, newest first; they are not on the PATH. */
function versionFolders() {
  const parent = '/usr/lib/postgresql'
  if (!existsSync(parent)) return []
  const versions = readdirSync(parent).sort((a, b) => Number(b) - Number(a))
  return versions.map((version) => join(parent, version, 'bin'))
}

async function startPostgres(bin) {
  if (!isExecutable(join(bin, 'initdb'))) throw new Error('there is no initdb beside it')
  const folder = temporaryFolder('postgres')
  const data = join(folder, 'data')
  const passwordFile = join(folder, 'password')
  const password = randomBytes(12).toString('hex')
  mkdirSync(data, { mode: 0o700 })
  writeFileSync(passwordFile, password, { mode: 0o600 })
  const user = await unprivileged()
  if (user) for (const path of [folder, data, passwordFile]) chownSync(path, user.uid, user.gid)
  const options = { ...user, cwd: folder, env: { LC_ALL: 'C', PGDATA: data } }

  const flags = ['--auth=scram-sha-256', '--encoding=UTF8', '--locale=C', '--no-sync', '--username=postgres']
  const initdb = await run(join(bin, 'initdb'), [...flags, `--pwfile=${passwordFile}`, '-D', data], options)
  if (!initdb.ok) throw new Error(`initdb: ${initdb.error?.message ?? lastLines(initdb.output, 3)}`)
  rmSync(passwordFile)

  const port = await freePort()
  const settings = ['listen_addresses=127.0.0.1', 'unix_socket_directories=', 'fsync=off', 'log_destination=stderr']
  const args = ['-D', data, '-p', String(port), ...settings.flatMap((setting) => ['-c', setting])]
  // SIGINT is its fast shutdown; at SIGTERM it would wait for its clients.
  const isReady = (output) => output.includes('database system is ready to accept connections')
  await startServer(join(bin, 'postgres'), args, { ...options, stopSignal: 'SIGINT' }, isReady)
  return `postgres://postgres:${password}@127.0.0.1:${port}/postgres`
}

/** Postgres refuses to run as root: a user to run it as where this is root. */
async function unprivileged() {
  if (process.getuid() !== 0) return undefined
  for (const name of ['postgres', 'nobody']) {
    const [uid, gid] = await Promise.all([run('id', ['-u', name]), run('id', ['-g', name])])
    if (uid.ok && gid.ok) return { uid: Number(uid.stdout), gid: Number(gid.stdout) }
  }
  throw new Error('it does not run as root, and there is no user postgres or nobody')
}
