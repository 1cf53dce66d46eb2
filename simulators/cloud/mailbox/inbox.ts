// The mailbox's memory: what was received, in SQLite, so that a restart keeps it. Bounded: the newest 5,000 stay.
import Database from "libsql";
import * as z from "zod";

/** What a stand-in received, before it has an id. */
export const arrival = z.object({
  channel: z.enum(["email", "slack"]),
  to: z.string().meta({ description: "Recipients, comma separated; for Slack the webhook's path." }),
  from: z.string(),
  subject: z.string(),
  text: z.string(),
  html: z.string().nullable(),
  blocks: z.array(z.unknown()).nullable().meta({ description: "Slack's Block Kit, as sent." }),
  raw: z.string().meta({ description: "What came over the wire: MIME or JSON, cut when huge." }),
  notificationId: z.string().nullable(),
  severity: z.string().nullable(),
  status: z.string().nullable(),
  attachments: z.array(z.string()).meta({ description: "File names." }),
});
export type Arrival = z.infer<typeof arrival>;

/** `copies`: how often a message with this notification id came. */
export type Received = Arrival & { id: string; at: string; copies: number };

export type Inbox = {
  add: (one: Arrival) => string;
  /** Newest first. */
  list: (limit?: number) => Received[];
  find: (id: string) => Received | undefined;
  count: () => number;
  empty: () => void;
  /** Changes whenever anything does. */
  version: () => string;
  close: () => void;
};

const kept = 5000;
const row = z.object({ seq: z.number(), at: z.number(), body: z.string(), copies: z.number() });
const counted = z.object({ n: z.number() });

export const openInbox = (file: string, now: () => number): Inbox => {
  const db = new Database(file);
  // Safe through a crash of ours; only a crash of the machine may lose the last messages. A wait for the disk each would be slow.
  db.exec("PRAGMA journal_mode = WAL");
  db.exec("PRAGMA synchronous = NORMAL");
  // AUTOINCREMENT: an id is never given twice, even after emptying.
  db.exec(`CREATE TABLE IF NOT EXISTS received (
    seq INTEGER PRIMARY KEY AUTOINCREMENT, at INTEGER NOT NULL, notification_id TEXT, body TEXT NOT NULL)`);
  db.exec("CREATE INDEX IF NOT EXISTS received_notification ON received (notification_id)");
  const insert = db.prepare("INSERT INTO received (at, notification_id, body) VALUES (?, ?, ?)");
  const trim = db.prepare("DELETE FROM received WHERE seq <= ?");
  const columns = `seq, at, body, CASE WHEN notification_id IS NULL THEN 1 ELSE
    (SELECT COUNT(*) FROM received r WHERE r.notification_id = received.notification_id) END AS copies`;
  const newest = db.prepare(`SELECT ${columns} FROM received ORDER BY seq DESC LIMIT ?`);
  const one = db.prepare(`SELECT ${columns} FROM received WHERE seq = ?`);
  const size = db.prepare("SELECT COUNT(*) AS n FROM received");
  const start = now();
  let changes = 0;
  return {
    add: (arrived) => {
      const { lastInsertRowid } = insert.run(now(), arrived.notificationId, JSON.stringify(arrived));
      trim.run(Number(lastInsertRowid) - kept);
      changes += 1;
      return String(lastInsertRowid);
    },
    list: (limit = kept) => newest.all(limit).map(readRow),
    find: (id) => {
      const found = /^\d{1,15}$/.test(id) ? one.get(Number(id)) : undefined;
      return found === undefined ? undefined : readRow(found);
    },
    count: () => counted.parse(size.get()).n,
    empty: () => {
      db.exec("DELETE FROM received");
      changes += 1;
    },
    version: () => `${start}-${changes}`,
    close: () => db.close(),
  };
};

const readRow = (stored: unknown): Received => {
  const { seq, at, body, copies } = row.parse(stored);
  return { id: String(seq), at: new Date(at).toISOString(), copies, ...arrival.parse(JSON.parse(body)) };
};
