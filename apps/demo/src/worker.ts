import { runWorker } from './background/run-worker.js'
import { demoSettings } from './start/settings.js'

void runWorker(demoSettings(process.env))
