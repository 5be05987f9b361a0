import type { Queryable, Row } from '../database/database.js'
import { contentHash } from './content-hash.js'
import type { Document } from './document.js'

const columns = 'id, project_id, title, body_html, content_hash, created_at, updated_at'

/** What became of a document that was to be stored. */
export type StoredDocument = Document | 'no project' | 'duplicate'

/** Documents in the database. */
export class DocumentStore {
  readonly #db: Queryable

  constructor(db: Queryable) {
    this.#db = db
  }

  /** @returns `undefined` where there is no such project. */
  async list(
    project: number,
    offset: number,
    limit: number,
  ): Promise<{ total: number; items: Document[] } | undefined> {
    const [count] = await this.#db.query<{ total: number }>(
      `SELECT count(d.id) AS total FROM projects p LEFT JOIN documents d ON d.project_id = p.id WHERE p.id = $1 GROUP BY p.id`,
      [project],
    )
    if (count === undefined) return undefined
    const rows = await this.#db.query(
      `SELECT ${columns} FROM documents WHERE project_id = $1 ORDER BY id LIMIT $2 OFFSET $3`,
      [project, limit, offset],
    )
    return { total: count.total, items: rows.map(toDocument) }
  }

  async find(project: number, id: number): Promise<Document | undefined> {
    const [row] = await this.#db.query(`SELECT ${columns} FROM documents WHERE id = $2 AND project_id = $1`, [
      project,
      id,
    ])
    return row && toDocument(row)
  }

  async create(project: number, input: { title: string; html: string }): Promise<StoredDocument> {
    const [row] = await this.#db.query(
      `INSERT INTO documents (project_id, title, body_html, content_hash)
       SELECT p.id, $2, $3, $4 FROM projects p WHERE p.id = $1
       ON CONFLICT (project_id, content_hash) DO NOTHING RETURNING ${columns}`,
      [project, input.title, input.html, contentHash(input.html)],
    )
    if (row !== undefined) return toDocument(row)
    const projects = await this.#db.query('SELECT 1 FROM projects WHERE id = $1', [project])
    return projects.length === 0 ? 'no project' : 'duplicate'
  }

  async change(
    project: number,
    id: number,
    change: { title?: string | undefined; html?: string | undefined },
  ): Promise<StoredDocument | undefined> {
    const hash = change.html === undefined ? null : contentHash(change.html)
    const same = await this.#db.query(
      'SELECT 1 FROM documents WHERE project_id = $1 AND content_hash = $2 AND id <> $3',
      [project, hash, id],
    )
    if (same.length > 0) return 'duplicate'
    const [row] = await this.#db.query(
      `UPDATE documents SET title = coalesce($3, title), body_html = coalesce($4, body_html),
         content_hash = coalesce($5, content_hash), updated_at = now()
       WHERE id = $2 AND project_id = $1 RETURNING ${columns}`,
      [project, id, change.title ?? null, change.html ?? null, hash],
    )
    return row && toDocument(row)
  }

  /** @returns whether there was one. */
  async remove(project: number, id: number): Promise<boolean> {
    const sql = 'DELETE FROM documents WHERE id = $2 AND project_id = $1 RETURNING id'
    return (await this.#db.query(sql, [project, id])).length > 0
  }
}

function toDocument(row: Row): Document {
  return {
    id: Number(row['id']),
    projectId: Number(row['project_id']),
    title: String(row['title']),
    html: String(row['body_html']),
    contentHash: String(row['content_hash']),
    createdAt: new Date(row['created_at'] as string).toISOString(),
    updatedAt: new Date(row['updated_at'] as string).toISOString(),
  }
}
