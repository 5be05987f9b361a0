/** One step of the schema. Applied once, in order; never changed after it was released. */
export interface Migration {
  readonly id: number
  readonly name: string
  readonly sql: string
}

/** The schema, in SQL that Postgres 15 and PGlite both take. See docs/database.md. */
export const migrations: readonly Migration[] = [
  {
    id: 1,
    name: 'users and sessions',
    sql: `
      CREATE TABLE users (
        id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
        email text NOT NULL UNIQUE,
        password_hash text NOT NULL,
        created_at timestamptz NOT NULL DEFAULT now()
      );
      CREATE TABLE sessions (
        token_hash text PRIMARY KEY,
        user_id bigint NOT NULL REFERENCES users (id) ON DELETE CASCADE,
        expires_at timestamptz NOT NULL
      );
      CREATE INDEX sessions_user ON sessions (user_id);
      CREATE INDEX sessions_expiry ON sessions (expires_at);`,
  },
  {
    id: 2,
    name: 'projects and documents',
    sql: `
      CREATE TABLE projects (
        id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
        name text NOT NULL CHECK (length(name) BETWEEN 1 AND 200),
        description text NOT NULL DEFAULT '',
        created_at timestamptz NOT NULL DEFAULT now(),
        updated_at timestamptz NOT NULL DEFAULT now()
      );
      CREATE UNIQUE INDEX projects_name ON projects (lower(name));
      CREATE TABLE documents (
        id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
        project_id bigint NOT NULL REFERENCES projects (id) ON DELETE CASCADE,
        title text NOT NULL CHECK (length(title) BETWEEN 1 AND 300),
        body_html text NOT NULL,
        content_hash text NOT NULL,
        created_at timestamptz NOT NULL DEFAULT now(),
        updated_at timestamptz NOT NULL DEFAULT now()
      );
      CREATE INDEX documents_project ON documents (project_id, id);
      CREATE UNIQUE INDEX documents_content ON documents (project_id, content_hash);`,
  },
  {
    id: 3,
    name: 'findings about documents',
    sql: `
      CREATE TABLE document_findings (
        document_id bigint PRIMARY KEY REFERENCES documents (id) ON DELETE CASCADE,
        words int NOT NULL,
        characters int NOT NULL,
        processed_at timestamptz NOT NULL DEFAULT now()
      );
      CREATE TABLE document_chunks (
        document_id bigint NOT NULL REFERENCES document_findings (document_id) ON DELETE CASCADE,
        position int NOT NULL,
        content_hash text NOT NULL,
        text text NOT NULL,
        PRIMARY KEY (document_id, position)
      );
      CREATE INDEX document_chunks_content ON document_chunks (content_hash);`,
  },
]
