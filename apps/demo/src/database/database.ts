/** A row as SQL gives it. */
export type Row = Record<string, unknown>

/** What runs statements: the database itself, or one transaction of it. */
export interface Queryable {
  /** Runs one statement; parameters are `$1`, `$2` ... */
  query<R extends Row>(sql: string, parameters?: readonly unknown[]): Promise<R[]>
}

/** Figures of a pool of connections. */
export interface PoolFigures {
  readonly total: number
  readonly idle: number
  readonly waiting: number
}

/** Postgres: the server that `DATABASE_URL` names, or PGlite inside this process. The SQL is the same. */
export interface Database extends Queryable {
  readonly kind: 'postgres' | 'pglite'
  /** Runs all or nothing. */
  transaction<T>(run: (transaction: Queryable) => Promise<T>): Promise<T>
  /** Runs a script of several statements, for migrations. */
  script(sql: string): Promise<void>
  pool(): PoolFigures
  close(): Promise<void>
}
