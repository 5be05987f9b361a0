/** How a database reads SQL text, as far as databases differ. */
export interface SqlLexing {
  /** A backslash inside a literal escapes what follows (MySQL unless NO_BACKSLASH_ESCAPES). */
  readonly backslash: boolean
  /** `#` opens a comment to the end of the line (MySQL). */
  readonly hashComment: boolean
  /** `--` is a comment only before white space or the end (MySQL). */
  readonly dashNeedsSpace: boolean
  /** Block comments nest (PostgreSQL, SQL Server). */
  readonly nestedComments: boolean
  /** The text of `/*! ... *\/` is executed (MySQL, MariaDB). */
  readonly conditionalComments: boolean
  /** `"..."` is a string, not an identifier (MySQL unless ANSI_QUOTES). */
  readonly doubleQuoteIsString: boolean
  /** `[...]` quotes an identifier (SQL Server, SQLite). */
  readonly brackets: boolean
  /** `` `...` `` quotes an identifier (MySQL, SQLite). */
  readonly backticks: boolean
  /** `$$...$$` and `$tag$...$tag$` quote a string (PostgreSQL). */
  readonly dollarQuotes: boolean
  /** `E'...'` is a string in which a backslash escapes (PostgreSQL). */
  readonly escapeStrings: boolean
  /** `q'[...]'` quotes a string (Oracle). */
  readonly qQuotes: boolean
}

const ansi: SqlLexing = {
  backslash: false,
  hashComment: false,
  dashNeedsSpace: false,
  nestedComments: false,
  conditionalComments: false,
  doubleQuoteIsString: false,
  brackets: false,
  backticks: false,
  dollarQuotes: false,
  escapeStrings: false,
  qQuotes: false,
}

/** Databases whose lexical rules are known. */
export type SqlDialect = 'mysql' | 'postgresql' | 'sqlite' | 'mssql' | 'oracle'

/**
 * Lexical rules by database: MySQL 8.4 manual chapter 11.1, PostgreSQL 18 manual section 4.1, SQLite `lang_expr` and
 * `lang_comment`, Transact-SQL reference (comments, identifiers), Oracle Database SQL language reference chapter 2.
 */
export const sqlLexings: Readonly<Record<SqlDialect, SqlLexing>> = {
  mysql: {
    ...ansi,
    backslash: true,
    hashComment: true,
    dashNeedsSpace: true,
    conditionalComments: true,
    doubleQuoteIsString: true,
    backticks: true,
  },
  postgresql: { ...ansi, nestedComments: true, dollarQuotes: true, escapeStrings: true },
  sqlite: { ...ansi, brackets: true, backticks: true },
  mssql: { ...ansi, nestedComments: true, brackets: true },
  oracle: { ...ansi, qQuotes: true },
}

/** What a detector reads with where it does not know the database: everything but MySQL at once. */
export const anyAnsiLexing: SqlLexing = { ...ansi, brackets: true, backticks: true, dollarQuotes: true }
