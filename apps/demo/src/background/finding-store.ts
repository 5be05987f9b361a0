import type { Database } from '../database/database.js'
import type { Findings } from './findings.js'

/** What the database has of a document that was processed. */
export interface StoredFindings {
  readonly words: number
  readonly characters: number
  readonly processedAt: string
  readonly chunks: readonly { readonly position: number; readonly contentHash: string; readonly text: string }[]
}

/** What was found out about documents, in the database. */
export class FindingStore {
  readonly #db: Database

  constructor(db: Database) {
    this.#db = db
  }

  /** Stores it, unless the document has been changed or removed meanwhile. The same twice is the same once. */
  async save(document: number, { contentHash, words, characters, chunks }: Findings): Promise<boolean> {
    return this.#db.transaction(async (db) => {
      const [current] = await db.query('SELECT 1 FROM documents WHERE id = $1 AND content_hash = $2 FOR UPDATE', [
        document,
        contentHash,
      ])
      if (current === undefined) return false
      await db.query('DELETE FROM document_findings WHERE document_id = $1', [document])
      await db.query('INSERT INTO document_findings (document_id, words, characters) VALUES ($1, $2, $3)', [
        document,
        words,
        characters,
      ])
      await db.query(
        `INSERT INTO document_chunks (document_id, position, content_hash, text)
         SELECT $1, c.position, c."contentHash", c.text
         FROM jsonb_to_recordset($2::jsonb) AS c (position int, "contentHash" text, text text)`,
        [document, JSON.stringify(chunks)],
      )
      return true
    })
  }

  /** @returns `undefined` where there is no such document, `null` where it has not been processed yet. */
  async find(project: number, document: number): Promise<StoredFindings | null | undefined> {
    const [row] = await this.#db.query<{ words: number | null; characters: number; processed_at: string }>(
      `SELECT f.words, f.characters, f.processed_at FROM documents d
       LEFT JOIN document_findings f ON f.document_id = d.id WHERE d.id = $2 AND d.project_id = $1`,
      [project, document],
    )
    if (row === undefined) return undefined
    if (row.words === null) return null
    const chunks = await this.#db.query<{ position: number; content_hash: string; text: string }>(
      'SELECT position, content_hash, text FROM document_chunks WHERE document_id = $1 ORDER BY position',
      [document],
    )
    return {
      words: row.words,
      characters: row.characters,
      processedAt: new Date(row.processed_at).toISOString(),
      chunks: chunks.map(({ position, content_hash, text }) => ({ position, contentHash: content_hash, text })),
    }
  }
}
