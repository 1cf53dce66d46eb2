// Messages on disk, in one SQLite file, so that a restart loses nothing. Written in batches: after a kill, what was accepted
// in the last `flushEveryMs` may be missing, never more.
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import Database from "libsql";
import * as z from "zod";
import type { FieldKind } from "./field-kinds.ts";
import type { Message } from "./message.ts";

export const flushEveryMs = 100;

export type IndexerFailure = { timestamp: number; seq: number; message: string };
export type Stored = { messages: Message[]; kinds: Map<string, FieldKind>; failures: IndexerFailure[] };

export type MessageFile = {
  load: () => Stored;
  write: (
    messages: readonly Message[],
    kinds: ReadonlyMap<string, FieldKind>,
    failures: readonly IndexerFailure[],
  ) => void;
  /** Removes what arrived up to and including `seq`. */
  forget: (seq: number) => void;
  close: () => void;
};

const values = z.record(z.string(), z.union([z.string(), z.number()]));
const row = z.object({
  seq: z.number(),
  at: z.number(),
  received_at: z.number().nullable(),
  input: z.enum(["GELF UDP", "GELF HTTP", "GELF TCP"]),
  remote: z.string(),
  size_bytes: z.number(),
  fields: z.string().transform((text) => values.parse(JSON.parse(text))),
  shown: z
    .string()
    .nullable()
    .transform((text) => (text === null ? null : values.parse(JSON.parse(text)))),
});
const kindRow = z.object({ name: z.string(), kind: z.enum(["text", "keyword", "long", "float"]) });
const failureRow = z.object({ timestamp: z.number(), seq: z.number(), message: z.string() });

const schema = `
  PRAGMA journal_mode = WAL;
  PRAGMA synchronous = NORMAL;
  CREATE TABLE IF NOT EXISTS messages (seq INTEGER PRIMARY KEY, at INTEGER NOT NULL, received_at INTEGER,
    input TEXT NOT NULL, remote TEXT NOT NULL, size_bytes INTEGER NOT NULL, fields TEXT NOT NULL, shown TEXT);
  CREATE TABLE IF NOT EXISTS kinds (name TEXT PRIMARY KEY, kind TEXT NOT NULL);
  CREATE TABLE IF NOT EXISTS failures (seq INTEGER PRIMARY KEY, timestamp INTEGER NOT NULL, message TEXT NOT NULL);`;

/** @throws when the folder cannot be made or written. */
export const openMessageFile = (dataDir: string): MessageFile => {
  mkdirSync(dataDir, { recursive: true });
  const db = new Database(join(dataDir, "graylog.db"));
  db.exec(schema);
  const addMessage = db.prepare("INSERT INTO messages VALUES (?, ?, ?, ?, ?, ?, ?, ?)");
  const addKind = db.prepare("REPLACE INTO kinds VALUES (?, ?)");
  const addFailure = db.prepare("REPLACE INTO failures VALUES (?, ?, ?)");
  const write = db.transaction(
    (messages: readonly Message[], kinds: ReadonlyMap<string, FieldKind>, failures: readonly IndexerFailure[]) => {
      for (const one of messages) {
        const shown = one.shown && JSON.stringify(Object.fromEntries(one.shown));
        const fields = JSON.stringify(Object.fromEntries(one.fields));
        addMessage.run(one.seq, one.at, one.receivedAt, one.input, one.remote, one.sizeBytes, fields, shown);
      }
      for (const [name, kind] of kinds) addKind.run(name, kind);
      for (const { seq, timestamp, message } of failures) addFailure.run(seq, timestamp, message);
    },
  );
  return {
    load: () => load(db),
    write: (messages, kinds, failures) => {
      write(messages, kinds, failures);
    },
    forget: (seq) => {
      db.prepare("DELETE FROM messages WHERE seq <= ?").run(seq);
      db.prepare("DELETE FROM failures WHERE seq <= ?").run(seq);
    },
    close: () => {
      db.close();
    },
  };
};

const load = (db: Database.Database): Stored => ({
  messages: db.prepare("SELECT * FROM messages ORDER BY seq").all().map(messageOf),
  kinds: new Map(
    db
      .prepare("SELECT * FROM kinds")
      .all()
      .map((raw): [string, FieldKind] => {
        const { name, kind } = kindRow.parse(raw);
        return [name, kind];
      }),
  ),
  failures: db
    .prepare("SELECT * FROM failures ORDER BY seq")
    .all()
    .map((raw) => failureRow.parse(raw)),
});

const messageOf = (raw: unknown): Message => {
  const { seq, at, received_at, input, remote, size_bytes, fields, shown } = row.parse(raw);
  return {
    seq,
    at,
    receivedAt: received_at,
    input,
    remote,
    sizeBytes: size_bytes,
    fields: new Map(Object.entries(fields)),
    shown: shown && new Map(Object.entries(shown)),
  };
};
