import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { start } from './start/start.js'

const folder = join(fileURLToPath(import.meta.url), '../../..')
void start(process.env, {
  publicFolder: join(folder, 'public'),
  dataFolder: process.env['DATA_FOLDER'] ?? join(folder, 'data'),
  workerFile: fileURLToPath(new URL('worker.js', import.meta.url)),
})
