// Records and committed offsets on disk, in one SQLite file. Every write is one transaction: what was written before a kill is
// there after it, whole. (After a power cut the last transactions may be missing, as the log is not flushed to the disk each time.)
import Database from "libsql";
import * as z from "zod";
import type { KafkaRecord } from "./kafka-record.ts";

/** Where a partition stands: the oldest offset still kept, and the one the next record gets. */
export type PartitionState = { id: number; topic: string; number: number; start: number; end: number };
export type GroupOffset = { group: string; partitionId: number; next: number; at: number };

export type RecordFile = {
  partitions: () => PartitionState[];
  groupOffsets: () => GroupOffset[];
  /** Adds partitions `from` … `to` - 1 of a topic, all or none. */
  addPartitions: (topic: string, from: number, to: number) => PartitionState[];
  /** Appends all or none. */
  append: (records: readonly { partitionId: number; record: KafkaRecord }[]) => void;
  read: (partition: PartitionState, from: number, limit: number) => KafkaRecord[];
  /** A group's offset never goes back, whoever writes it. */
  commit: (offset: GroupOffset) => void;
  /** Removes records below `below` that are older than `before` (epoch ms); at most `limit`, oldest first. Says the new start. */
  forget: (partition: PartitionState, below: number, before: number, limit: number) => number;
  close: () => void;
};

const schema = `
  PRAGMA journal_mode = WAL;
  PRAGMA synchronous = NORMAL;
  PRAGMA wal_autocheckpoint = 4000;
  CREATE TABLE IF NOT EXISTS partitions (id INTEGER PRIMARY KEY, topic TEXT NOT NULL, number INTEGER NOT NULL,
    UNIQUE (topic, number));
  CREATE TABLE IF NOT EXISTS records (partition_id INTEGER NOT NULL, offset INTEGER NOT NULL, at INTEGER NOT NULL,
    key BLOB, value BLOB, headers TEXT, PRIMARY KEY (partition_id, offset)) WITHOUT ROWID;
  CREATE TABLE IF NOT EXISTS group_offsets (group_name TEXT NOT NULL, partition_id INTEGER NOT NULL,
    next_offset INTEGER NOT NULL, at INTEGER NOT NULL, PRIMARY KEY (group_name, partition_id)) WITHOUT ROWID;`;

const partitionRow = z.object({ id: z.number(), topic: z.string(), number: z.number() });
const edgeRow = z.object({ edge: z.number().nullable() });
const groupRow = z.object({
  group_name: z.string(),
  partition_id: z.number(),
  next_offset: z.number(),
  at: z.number(),
});
const headersOf = z.record(z.string(), z.string());
const bytes = z.instanceof(Buffer).nullable();
const recordRow = z.tuple([z.number(), z.number(), bytes, bytes, z.string().nullable()]);

/** `file` may be `:memory:`. @throws when it cannot be written. */
export const openRecordFile = (file: string): RecordFile => {
  const db = new Database(file);
  db.exec(schema);
  return { ...recordsIn(db), ...partitionsIn(db), ...offsetsIn(db), close: () => void db.close() };
};

const recordsIn = (db: Database.Database): Pick<RecordFile, "append" | "read" | "forget"> => {
  const insert = db.prepare("INSERT INTO records VALUES (?, ?, ?, ?, ?, ?)");
  const select = db
    .prepare(
      "SELECT offset, at, key, value, headers FROM records WHERE partition_id = ? AND offset >= ? ORDER BY offset LIMIT ?",
    )
    .raw();
  const firstYoung = db.prepare(
    "SELECT MIN(offset) AS edge FROM records WHERE partition_id = ? AND offset < ? AND at >= ?",
  );
  const forget = db.prepare("DELETE FROM records WHERE partition_id = ? AND offset < ?");
  return {
    append: db.transaction((records: readonly { partitionId: number; record: KafkaRecord }[]) => {
      for (const { partitionId, record } of records) {
        const { offset, at, key, value, headers } = record;
        const text = Object.keys(headers).length > 0 ? JSON.stringify(headers) : null;
        insert.run(partitionId, offset, at, key, value, text);
      }
    }),
    read: (partition, from, limit) => select.all(partition.id, from, limit).map((raw) => recordOf(partition, raw)),
    forget: ({ id, start }, below, before, limit) => {
      const bound = Math.min(below, start + limit);
      // Only a prefix goes, whatever the clock did between two records: a log has no holes.
      const kept = edgeRow.parse(firstYoung.get(id, bound, before)).edge ?? bound;
      if (kept > start) forget.run(id, kept);
      return Math.max(start, kept);
    },
  };
};

const partitionsIn = (db: Database.Database): Pick<RecordFile, "partitions" | "addPartitions"> => {
  const first = db.prepare("SELECT MIN(offset) AS edge FROM records WHERE partition_id = ?");
  const last = db.prepare("SELECT MAX(offset) AS edge FROM records WHERE partition_id = ?");
  const edge = (statement: typeof first, id: number) => edgeRow.parse(statement.get(id)).edge;
  const stateOf = (raw: unknown): PartitionState => {
    const one = partitionRow.parse(raw);
    return { ...one, start: edge(first, one.id) ?? 0, end: (edge(last, one.id) ?? -1) + 1 };
  };
  const add = db.prepare("INSERT INTO partitions (topic, number) VALUES (?, ?) RETURNING id, topic, number");
  return {
    partitions: () => db.prepare("SELECT id, topic, number FROM partitions ORDER BY id").all().map(stateOf),
    addPartitions: db.transaction((topic: string, from: number, to: number) => {
      const added: PartitionState[] = [];
      for (let number = from; number < to; number += 1) added.push(stateOf(add.get(topic, number)));
      return added;
    }),
  };
};

const offsetsIn = (db: Database.Database): Pick<RecordFile, "groupOffsets" | "commit"> => {
  const commit = db.prepare(`INSERT INTO group_offsets VALUES (?, ?, ?, ?) ON CONFLICT (group_name, partition_id)
    DO UPDATE SET next_offset = MAX(next_offset, excluded.next_offset), at = excluded.at`);
  return {
    groupOffsets: () => db.prepare("SELECT * FROM group_offsets").all().map(groupOffsetOf),
    commit: ({ group, partitionId, next, at }) => {
      commit.run(group, partitionId, next, at);
    },
  };
};

const groupOffsetOf = (raw: unknown): GroupOffset => {
  const { group_name, partition_id, next_offset, at } = groupRow.parse(raw);
  return { group: group_name, partitionId: partition_id, next: next_offset, at };
};

const recordOf = ({ topic, number }: PartitionState, raw: unknown): KafkaRecord => {
  const [offset, at, key, value, headers] = recordRow.parse(raw);
  return {
    topic,
    partition: number,
    offset,
    at,
    key,
    value,
    headers: headers ? headersOf.parse(JSON.parse(headers)) : {},
  };
};
