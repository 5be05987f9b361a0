import type { Queryable, Row } from '../database/database.js'
import type { Project } from './project.js'

const columns = `p.id, p.name, p.description, p.created_at, p.updated_at,
  (SELECT count(*) FROM documents d WHERE d.project_id = p.id) AS documents`

/** Projects in the database. */
export class ProjectStore {
  readonly #db: Queryable

  constructor(db: Queryable) {
    this.#db = db
  }

  async list(offset: number, limit: number): Promise<{ total: number; items: Project[] }> {
    const [count] = await this.#db.query<{ total: number }>('SELECT count(*) AS total FROM projects')
    const rows = await this.#db.query(`SELECT ${columns} FROM projects p ORDER BY p.id LIMIT $1 OFFSET $2`, [
      limit,
      offset,
    ])
    return { total: count?.total ?? 0, items: rows.map(toProject) }
  }

  async find(id: number): Promise<Project | undefined> {
    const [row] = await this.#db.query(`SELECT ${columns} FROM projects p WHERE p.id = $1`, [id])
    return row && toProject(row)
  }

  /** @returns `undefined` where the name is taken. */
  async create(input: { name: string; description: string }): Promise<Project | undefined> {
    const [row] = await this.#db.query(
      `INSERT INTO projects (name, description) VALUES ($1, $2) ON CONFLICT (lower(name)) DO NOTHING
       RETURNING id, name, description, created_at, updated_at, 0 AS documents`,
      [input.name, input.description],
    )
    return row && toProject(row)
  }

  /** @returns `undefined` where there is no such project, `'taken'` where another has the name. */
  async change(
    id: number,
    change: { name?: string | undefined; description?: string | undefined },
  ): Promise<Project | 'taken' | undefined> {
    if (change.name !== undefined) {
      const others = await this.#db.query('SELECT 1 FROM projects WHERE lower(name) = lower($1) AND id <> $2', [
        change.name,
        id,
      ])
      if (others.length > 0) return 'taken'
    }
    await this.#db.query(
      `UPDATE projects SET name = coalesce($2, name), description = coalesce($3, description), updated_at = now() WHERE id = $1`,
      [id, change.name ?? null, change.description ?? null],
    )
    return this.find(id)
  }

  /** @returns whether there was one. */
  async remove(id: number): Promise<boolean> {
    return (await this.#db.query('DELETE FROM projects WHERE id = $1 RETURNING id', [id])).length > 0
  }
}

function toProject(row: Row): Project {
  return {
    id: Number(row['id']),
    name: String(row['name']),
    description: String(row['description']),
    documents: Number(row['documents']),
    createdAt: new Date(row['created_at'] as string).toISOString(),
    updatedAt: new Date(row['updated_at'] as string).toISOString(),
  }
}
