// Who did what, when, from where. Append-only: nothing here changes an entry, and only age removes one.
import { createHash } from "node:crypto";
import * as z from "zod";
import type { Db, Row, Sql, SqlParams } from "./db.ts";
import { readPages } from "./read-pages.ts";

export type AuditEntry = {
  /** ULID, so that entries sort by time. */
  id: string;
  at: number;
  /** A user's id, or `nobody` before sign-in. */
  actorId: string;
  /** As it was then: accounts go, entries stay. */
  actorName: string;
  /** E.g. `job.changed`. */
  action: string;
  /** Of the object: `job`, `user`, … */
  kind: string;
  objectId: string;
  address: string;
  requestId: string;
  /** Without secrets; null when there was nothing, or nothing worth telling. Of long ones, long fields are kept as digests. */
  before: unknown;
  after: unknown;
};
export type AuditQuery = {
  actorId?: string;
  objectId?: string /** An entry's id: older ones. */;
  before?: string;
  limit: number;
};

export type AuditStore = {
  append: (entry: AuditEntry) => Promise<void>;
  /** Newest first. */
  list: (query: AuditQuery) => Promise<AuditEntry[]>;
  /** Drops up to `limit` from before `before`; how many. */
  forget: (before: number, limit: number) => Promise<number>;
};

export const sqlAudit = (db: Db): AuditStore => ({
  append: (entry) => appendAudit(db, entry),
  list: async ({ actorId, objectId, before, limit }) => {
    const conditions = [
      ...(actorId === undefined ? [] : ["actor_id = :actorId"]),
      ...(objectId === undefined ? [] : ["object_id = :objectId"]),
      ...(before === undefined ? [] : ["id < :before"]),
    ];
    const given = Object.entries({ actorId, objectId, before }).flatMap(([name, value]) =>
      value === undefined ? [] : [[name, value] as const],
    );
    const rows = await readPages(db, {
      sql: `SELECT ${columns.join(", ")} FROM audit WHERE ${conditions.join(" AND ") || "1 = 1"}`,
      params: Object.fromEntries(given),
      order: "id DESC",
      behind: "id < :lastId",
      after: (last) => ({ lastId: last.id ?? "" }),
      limit,
    });
    return rows.map(toEntry);
  },
  forget: async (before, limit) => {
    const { changed } = await db.execute(
      `DELETE FROM audit WHERE id IN (SELECT id FROM
        (SELECT id FROM audit WHERE happened_at < :before ORDER BY happened_at LIMIT :limit) d)`,
      { before, limit },
    );
    return changed;
  },
});

/** For a transaction in which a change and its entry stand or fall together. Appending an entry twice leaves one. */
const appendAudit = async (sql: Sql, entry: AuditEntry): Promise<void> => {
  await sql.execute(
    `INSERT INTO audit (${columns.join(", ")}) SELECT ${columns.map((name) => `:${name}`).join(", ")}
      FROM (SELECT 1 AS one) d WHERE NOT EXISTS (SELECT 1 FROM audit a WHERE a.id = :id)`,
    toParams(entry),
  );
};

const columns = [
  "id",
  "happened_at",
  "actor_id",
  "actor_name",
  "action",
  "kind",
  "object_id",
  "address",
  "request_id",
  "before_body",
  "after_body",
];

/** Of `before` and of `after`: 200 entries with both must fit an answer of the API, which holds 6 MB. */
const maxTextBytes = 12_000;
/** A field that is longer is left out of what is too long. */
const maxFieldBytes = 1_000;

const jsonText = (value: unknown): string | null => {
  if (value === undefined || value === null) return null;
  const text = JSON.stringify(value);
  if (sizeOf(text) <= maxTextBytes) return text;
  const fields = Object.entries(value).map(([name, inner]) => {
    const innerText = JSON.stringify(inner) ?? "null";
    return [name, sizeOf(innerText) <= maxFieldBytes ? inner : leftOut(innerText)];
  });
  const shorter = JSON.stringify(Object.fromEntries(fields));
  return sizeOf(shorter) <= maxTextBytes ? shorter : JSON.stringify(leftOut(text));
};

/** As JSON within JSON: so it comes out of the database, where a row has 64 KiB. */
const sizeOf = (text: string): number => Buffer.byteLength(JSON.stringify(text));

/** What was there can still be told from anything else. */
const leftOut = (text: string) => ({
  leftOut: `${Buffer.byteLength(text)} bytes`,
  sha256: createHash("sha256").update(text).digest("hex"),
});

const toParams = (entry: AuditEntry): SqlParams => ({
  id: entry.id,
  happened_at: entry.at,
  actor_id: entry.actorId,
  actor_name: entry.actorName,
  action: entry.action,
  kind: entry.kind,
  object_id: entry.objectId,
  address: entry.address,
  request_id: entry.requestId,
  before_body: jsonText(entry.before),
  after_body: jsonText(entry.after),
});

const entryRow = z.object({
  id: z.string(),
  happened_at: z.number(),
  actor_id: z.string(),
  actor_name: z.string(),
  action: z.string(),
  kind: z.string(),
  object_id: z.string(),
  address: z.string(),
  request_id: z.string(),
  before_body: z.string().nullable(),
  after_body: z.string().nullable(),
});

const toEntry = (raw: Row): AuditEntry => {
  const row = entryRow.parse(raw);
  return {
    id: row.id,
    at: row.happened_at,
    actorId: row.actor_id,
    actorName: row.actor_name,
    action: row.action,
    kind: row.kind,
    objectId: row.object_id,
    address: row.address,
    requestId: row.request_id,
    before: row.before_body === null ? null : JSON.parse(row.before_body),
    after: row.after_body === null ? null : JSON.parse(row.after_body),
  };
};
