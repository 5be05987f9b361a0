// `npm run bench`: builds, starts a Redis of its own, and runs benchmarks/run.mjs.
import { spawn, spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

const run = (args, env = {}) =>
  spawnSync(process.execPath, args, { stdio: 'inherit', env: { ...process.env, ...env } }).status ?? 1

const build = ['run', 'build', '--filter=@hardening/kit', '--output-logs=errors-only']
const failed = run(['node_modules/turbo/bin/turbo', ...build])
if (failed !== 0) process.exit(failed)

const folder = mkdtempSync(join(tmpdir(), 'hardening-bench-'))
const port = await new Promise((resolve) => {
  const server = createServer().listen(0, '127.0.0.1', () => {
    const free = server.address().port
    server.close(() => resolve(free))
  })
})
const redis = spawn('redis-server', ['--port', port, '--save', '', '--dir', folder], { stdio: 'ignore' })
const started = await new Promise((resolve) => {
  redis.once('spawn', () => resolve(true))
  redis.once('error', () => resolve(false))
})
if (!started) console.error('redis-server was not found: the rows with Redis are left out')
const env = started ? { BENCH_REDIS_URL: `redis://127.0.0.1:${port}` } : {}
process.exitCode = run(['benchmarks/run.mjs', ...process.argv.slice(2)], env)
redis.kill()
rmSync(folder, { recursive: true, force: true })
