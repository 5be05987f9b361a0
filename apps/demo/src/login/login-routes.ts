import { Router, type RequestHandler } from 'express'
import { z } from 'zod'
import { currentContext } from '@hardening/core'
import { AuthenticationError } from '@hardening/errors'
import { validate } from '@hardening/validation'
import type { SessionStore } from './session-store.js'

const credentials = z.strictObject({ email: z.email().max(254), password: z.string().min(1).max(200) })

/** Lets only requests with the token of a login pass: `Authorization: Bearer <token>` (RFC 6750). */
export function requireLogin(sessions: SessionStore): RequestHandler {
  return async (req, _res, next) => {
    const token = bearer(req.get('authorization'))
    const user = token && (await sessions.userOf(token))
    if (!user) throw new AuthenticationError('Sign in first: POST /api/login gives a token')
    const context = currentContext()
    if (context !== undefined) context.user = user
    next()
  }
}

/** `/api/login` and `/api/logout`. */
export function loginRoutes(sessions: SessionStore, limit: RequestHandler): Router {
  const router = Router()
  const login = validate({ body: credentials })
  router.post('/login', limit, login, async (req, res) => {
    const { email, password } = login.valid(req).body
    const session = await sessions.login(email.toLowerCase(), password)
    if (session === undefined) throw new AuthenticationError('E-mail or password is wrong')
    res.set('Cache-Control', 'no-store').json(session)
  })
  router.post('/logout', async (req, res) => {
    const token = bearer(req.get('authorization'))
    if (token) await sessions.logout(token)
    res.status(204).end()
  })
  return router
}

function bearer(header: string | undefined): string | undefined {
  return /^Bearer ([A-Za-z0-9_-]{43})$/.exec(header ?? '')?.[1]
}
