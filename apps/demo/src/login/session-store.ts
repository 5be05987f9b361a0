import { createHash, randomBytes } from 'node:crypto'
import type { Queryable } from '../database/database.js'
import { hashPassword, verifyPassword } from './password.js'

/** How long a login holds. */
const lifeMs = 8 * 3_600_000

/** Users and their logins in the database. Of a token only its hash is kept. */
export class SessionStore {
  readonly #db: Queryable

  constructor(db: Queryable) {
    this.#db = db
  }

  /** Gives `email` this password, making the user where there is none. */
  async setPassword(email: string, password: string): Promise<void> {
    await this.#db.query(
      `INSERT INTO users (email, password_hash) VALUES ($1, $2)
       ON CONFLICT (email) DO UPDATE SET password_hash = excluded.password_hash`,
      [email, await hashPassword(password)],
    )
  }

  async hasUser(email: string): Promise<boolean> {
    return (await this.#db.query('SELECT 1 FROM users WHERE email = $1', [email])).length > 0
  }

  /** A new token, or `undefined` where e-mail or password is wrong, without telling which. */
  async login(email: string, password: string): Promise<{ token: string; expiresAt: string } | undefined> {
    const [user] = await this.#db.query<{ id: number; password_hash: string }>(
      'SELECT id, password_hash FROM users WHERE email = $1',
      [email],
    )
    if (!(await verifyPassword(password, user?.password_hash)) || user === undefined) return undefined
    const token = randomBytes(32).toString('base64url')
    const expiresAt = new Date(Date.now() + lifeMs).toISOString()
    await this.#db.query('DELETE FROM sessions WHERE expires_at < now()')
    await this.#db.query('INSERT INTO sessions (token_hash, user_id, expires_at) VALUES ($1, $2, $3)', [
      hashToken(token),
      user.id,
      expiresAt,
    ])
    return { token, expiresAt }
  }

  /** The id of the user whose token it is. */
  async userOf(token: string): Promise<string | undefined> {
    const sql = 'SELECT user_id FROM sessions WHERE token_hash = $1 AND expires_at > now()'
    const [session] = await this.#db.query<{ user_id: number }>(sql, [hashToken(token)])
    return session && String(session.user_id)
  }

  async logout(token: string): Promise<void> {
    await this.#db.query('DELETE FROM sessions WHERE token_hash = $1', [hashToken(token)])
  }
}

function hashToken(token: string): string {
  return createHash('sha256').update(token).digest('base64url')
}
