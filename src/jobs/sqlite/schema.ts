/** The tables of the books. A change is a further entry in `migrations`, never one to an entry that was released. */

/** Of `items.state`. An item is a follower if another one of its job has the same picture: it gets that one's outcome. */
export const ITEM = { waiting: 0, inHand: 1, follower: 2, answered: 3, failed: 4 } as const;

/** Each a list of statements; `PRAGMA user_version` counts those that were applied. */
export const migrations: readonly (readonly string[])[] = [
  [
    `CREATE TABLE runners (
      number INTEGER PRIMARY KEY AUTOINCREMENT,
      host TEXT NOT NULL,
      pid INTEGER NOT NULL,
      process TEXT NOT NULL,
      seen_at INTEGER NOT NULL
    ) STRICT`,
    // state: receiving, those of JobState, or deleted until its items are gone too.
    `CREATE TABLE jobs (
      number INTEGER PRIMARY KEY AUTOINCREMENT,
      id TEXT NOT NULL UNIQUE,
      state TEXT NOT NULL,
      options TEXT NOT NULL,
      receiver INTEGER,
      total INTEGER NOT NULL DEFAULT 0,
      answered INTEGER NOT NULL DEFAULT 0,
      failed INTEGER NOT NULL DEFAULT 0,
      recorded INTEGER NOT NULL DEFAULT 0,
      taken INTEGER NOT NULL DEFAULT 0,
      bytes INTEGER NOT NULL DEFAULT 0,
      created_at INTEGER NOT NULL,
      started_at INTEGER,
      ended_at INTEGER,
      keeps INTEGER NOT NULL,
      expires_at INTEGER NOT NULL,
      idempotency_key TEXT UNIQUE,
      fingerprint TEXT,
      webhook_at INTEGER,
      webhook_attempts INTEGER NOT NULL DEFAULT 0
    ) STRICT`,
    'CREATE INDEX jobs_by_state ON jobs (state, taken)',
    'CREATE INDEX jobs_by_expiry ON jobs (expires_at)',
    'CREATE INDEX jobs_by_webhook ON jobs (webhook_at) WHERE webhook_at IS NOT NULL',
    `CREATE TABLE items (
      job INTEGER NOT NULL,
      item INTEGER NOT NULL,
      name TEXT NOT NULL,
      sha256 BLOB,
      bytes INTEGER NOT NULL DEFAULT 0,
      path TEXT,
      state INTEGER NOT NULL,
      runner INTEGER,
      crashes INTEGER NOT NULL DEFAULT 0,
      sequence INTEGER NOT NULL DEFAULT 0,
      answer INTEGER,
      code TEXT,
      error TEXT,
      PRIMARY KEY (job, item)
    ) STRICT, WITHOUT ROWID`,
    'CREATE INDEX items_waiting ON items (job, crashes, item) WHERE state = 0',
    'CREATE INDEX items_in_hand ON items (runner) WHERE state = 1',
    'CREATE INDEX items_by_picture ON items (job, sha256) WHERE sha256 IS NOT NULL',
    'CREATE INDEX items_by_sequence ON items (job, sequence)',
    `CREATE TABLE answers (
      number INTEGER PRIMARY KEY,
      key TEXT NOT NULL UNIQUE,
      answer TEXT NOT NULL,
      expires_at INTEGER NOT NULL
    ) STRICT`,
    'CREATE INDEX answers_by_expiry ON answers (expires_at)',
  ],
];
