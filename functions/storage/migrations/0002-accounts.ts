// The API's own tables: who may sign in and how, who belongs to a service, what was done by whom.
// Portable SQL (MySQL 8, MariaDB, SQLite). Moments are epoch ms; ids are made in TypeScript; of a secret only its SHA-256 is kept.

/** `first_one` is 1 for the account that found the instance empty, else NULL: its index lets no two be that one. */
const users = [
  `CREATE TABLE users (
    id VARCHAR(64) NOT NULL PRIMARY KEY, email VARCHAR(254) NOT NULL, name VARCHAR(200) NOT NULL,
    password_hash VARCHAR(100) NOT NULL, role VARCHAR(10) NOT NULL, state VARCHAR(10) NOT NULL, first_one INT,
    created_at BIGINT NOT NULL, updated_at BIGINT NOT NULL, version BIGINT NOT NULL)`,
  "CREATE UNIQUE INDEX users_by_email ON users (email)",
  "CREATE UNIQUE INDEX users_by_first ON users (first_one)",
  "CREATE INDEX users_by_role ON users (role, state)",
];

const signedIn = [
  `CREATE TABLE sessions (
    token_hash VARCHAR(64) NOT NULL PRIMARY KEY, id VARCHAR(64) NOT NULL, user_id VARCHAR(64) NOT NULL,
    created_at BIGINT NOT NULL, seen_at BIGINT NOT NULL, idle_until BIGINT NOT NULL, expires_at BIGINT NOT NULL,
    address VARCHAR(64) NOT NULL, agent VARCHAR(300) NOT NULL)`,
  "CREATE UNIQUE INDEX sessions_by_id ON sessions (id)",
  "CREATE INDEX sessions_by_user ON sessions (user_id, seen_at)",
  "CREATE INDEX sessions_by_idle ON sessions (idle_until)",
  `CREATE TABLE api_tokens (
    token_hash VARCHAR(64) NOT NULL PRIMARY KEY, id VARCHAR(64) NOT NULL, user_id VARCHAR(64) NOT NULL,
    name VARCHAR(200) NOT NULL, scope VARCHAR(10) NOT NULL, prefix VARCHAR(20) NOT NULL, created_at BIGINT NOT NULL,
    used_at BIGINT, expires_at BIGINT)`,
  "CREATE UNIQUE INDEX api_tokens_by_id ON api_tokens (id)",
  "CREATE INDEX api_tokens_by_user ON api_tokens (user_id, id)",
  "CREATE INDEX api_tokens_by_expiry ON api_tokens (expires_at)",
  `CREATE TABLE mail_tokens (
    token_hash VARCHAR(64) NOT NULL PRIMARY KEY, purpose VARCHAR(50) NOT NULL, subject VARCHAR(255) NOT NULL,
    created_at BIGINT NOT NULL, expires_at BIGINT NOT NULL, used_at BIGINT)`,
  "CREATE INDEX mail_tokens_by_subject ON mail_tokens (subject, purpose)",
  "CREATE INDEX mail_tokens_by_expiry ON mail_tokens (expires_at)",
];

const members = [
  `CREATE TABLE service_members (
    service_id VARCHAR(255) NOT NULL, user_id VARCHAR(64) NOT NULL, role VARCHAR(10) NOT NULL,
    created_at BIGINT NOT NULL, updated_at BIGINT NOT NULL, PRIMARY KEY (service_id, user_id))`,
  "CREATE INDEX service_members_by_user ON service_members (user_id, service_id)",
];

/** `id` of an idempotency record is the digest of user, route and key; its `body` is sealed, as it may hold a token shown once. */
const written = [
  `CREATE TABLE idempotency (
    id VARCHAR(64) NOT NULL PRIMARY KEY, user_id VARCHAR(64) NOT NULL, request_hash VARCHAR(64) NOT NULL, claim_id VARCHAR(64) NOT NULL,
    state VARCHAR(15) NOT NULL, status INT, body LONGTEXT, created_at BIGINT NOT NULL)`,
  "CREATE INDEX idempotency_by_time ON idempotency (created_at)",
  "CREATE INDEX idempotency_by_user ON idempotency (user_id)",
  `CREATE TABLE audit (
    id VARCHAR(64) NOT NULL PRIMARY KEY, happened_at BIGINT NOT NULL, actor_id VARCHAR(255) NOT NULL,
    actor_name VARCHAR(255) NOT NULL, action VARCHAR(100) NOT NULL, kind VARCHAR(50) NOT NULL,
    object_id VARCHAR(255) NOT NULL, address VARCHAR(64) NOT NULL, request_id VARCHAR(100) NOT NULL,
    before_body LONGTEXT, after_body LONGTEXT)`,
  "CREATE INDEX audit_by_actor ON audit (actor_id, id)",
  "CREATE INDEX audit_by_object ON audit (object_id, id)",
  "CREATE INDEX audit_by_time ON audit (happened_at)",
];

export const accounts = {
  id: "0002-accounts",
  statements: [...users, ...signedIn, ...members, ...written],
};
