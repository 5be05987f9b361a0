import { Router } from 'express'
import { z } from 'zod'
import { ConflictError, NotFoundError } from '@hardening/errors'
import { validate } from '@hardening/validation'
import { onlyHere } from '../control/only-here.js'
import type { Background } from './background.js'

const samples = z.strictObject({
  count: z.int().min(1).max(50).default(1),
  failures: z.int().min(0).max(10).default(0),
  paceMs: z.int().min(0).max(2000).default(0),
})
const jobPath = z.object({ job: z.string().regex(/^[\w-]{1,64}$/) })

/** `/api/jobs`: how the background stands, single jobs and, where that is allowed, samples, replay and a kill. */
export function backgroundRoutes(background: Background, { isSwitchable }: { isSwitchable: boolean }): Router {
  const router = Router()
  const submit = validate({ body: samples })
  const one = validate({ params: jobPath })
  const here = onlyHere(isSwitchable)

  router.get('/', async (_req, res) => {
    res.set('Cache-Control', 'no-store').json(await background.view())
  })

  router.post('/samples', here, submit, async (req, res) => {
    const made = await background.submitSamples(submit.valid(req).body)
    res.status(202).json(made.map(({ id }) => ({ id })))
  })

  router.post('/replay', here, async (_req, res) => {
    res.json({ replayed: await background.replay() })
  })

  router.post('/worker/kill', here, (_req, res) => {
    if (!background.killWorker()) throw new ConflictError('There is no worker process now')
    res.status(202).json({ killed: true })
  })

  router.get('/:job', one, async (req, res) => {
    const job = await background.find(one.valid(req).params.job)
    if (job === undefined) throw new NotFoundError('There is no such job, or it is not kept any more')
    res.set('Cache-Control', 'no-store').json(job)
  })
  return router
}
