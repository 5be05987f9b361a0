import { stage } from '../lib/stage.mjs'
import { chromium } from './chromium.mjs'
import { nginx } from './nginx.mjs'
import { postgres } from './postgres.mjs'
import { prometheus } from './prometheus.mjs'
import { promtool } from './promtool.mjs'
import { redis } from './redis.mjs'
import { usedVariables } from './used-variables.mjs'

const services = [redis, postgres, chromium, nginx, promtool, prometheus]

/** Gets every server that the tests talk to. Returns the variables for the tests, and what could not be had and why. */
export async function provideServices() {
  const used = usedVariables()
  const variables = {}
  const skipped = []
  for (const service of services.filter((service) => service.variables.some((name) => used.has(name)))) {
    await stage(service.name, async () => {
      try {
        const provided = await service.provide()
        Object.assign(variables, provided.variables)
        return provided.word
      } catch (error) {
        skipped.push(`${service.name}: ${error.message}`)
        return 'SKIPPED'
      }
    })
  }
  return { variables, skipped }
}
