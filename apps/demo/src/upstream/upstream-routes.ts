import { Router } from 'express'
import { z } from 'zod'
import { validate } from '@hardening/validation'
import { onlyHere } from '../control/only-here.js'
import type { Upstream } from './upstream.js'
import { faults } from './upstream-server.js'

const question = z.strictObject({ text: z.string().min(1).max(5000) })
const newFault = z.strictObject({ fault: z.enum(faults) })

/** `/api/upstream`: what the service answers, how it stands, and, where that is allowed, its faults. */
export function upstreamRoutes(upstream: Upstream, { isSwitchable }: { isSwitchable: boolean }): Router {
  const router = Router()
  const ask = validate({ body: question })
  const change = validate({ body: newFault })

  router.get('/', (_req, res) => {
    res.set('Cache-Control', 'no-store').json(upstream.view())
  })

  router.get('/rates', async (_req, res) => {
    res.set('Cache-Control', 'no-store').json(await upstream.rates())
  })

  router.post('/summary', ask, async (req, res) => {
    res.set('Cache-Control', 'no-store').json(await upstream.summarize(ask.valid(req).body.text))
  })

  router.put('/fault', onlyHere(isSwitchable), change, async (req, res) => {
    await upstream.setFault(change.valid(req).body.fault)
    res.json(upstream.view())
  })
  return router
}
