import { Router } from 'express'
import type { Kit } from '@hardening/kit'

/** `/api/figures`: what was measured in the last minutes, and the alerts that are not quiet. */
export function figureRoutes({ trackers, alerts }: Pick<Kit, 'trackers' | 'alerts'>): Router {
  const router = Router()
  router.get('/', (_req, res) => {
    const states = alerts?.states() ?? []
    res.set('Cache-Control', 'no-store').json({
      rules: states.length,
      alerts: states.filter(({ state }) => state !== 'inactive'),
      ...trackers?.summary(),
    })
  })
  return router
}
