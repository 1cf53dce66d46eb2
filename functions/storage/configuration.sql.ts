// The configuration in SQL: one transaction a change. The parts that take a `Sql` may share a transaction with other stores.
import type { ConfigurationStore } from "./configuration.ts";
import { applyAll } from "./configuration-apply.sql.ts";
import { disableJobsIn, setJobEnabledIn } from "./configuration-enable.sql.ts";
import { putIn, putJobIn } from "./configuration-put.sql.ts";
import { findStored, listStored, readAll } from "./configuration-read.sql.ts";
import { removeIn, removeOwnerIn } from "./configuration-remove.sql.ts";
import { isDuplicate, undoable } from "./configuration-transaction.ts";
import type { Db, Sql } from "./db.ts";

export const sqlConfiguration = (db: Db): ConfigurationStore => ({
  read: (managedBy) => readAll(db, managedBy),
  apply: (managedBy, wanted, now = Date.now()) => applyAll(db, managedBy, wanted, now),
  source: async (id) => (await findStored(db, "sources", [id]))[0]?.item,
  destinations: async (ids) => (await findStored(db, "destinations", ids)).map((one) => one.item),
  find: (kind, ids) => findStored(db, kind, ids),
  list: (kind, query) => listStored(db, kind, query),
  put: (kind, ownerId, item, expectedVersion, now) =>
    written(db, (sql) => putIn(sql, kind, ownerId, item, expectedVersion, now)),
  putJob: (ownerId, job, rules, expectedVersion, now) =>
    written(db, (sql) => putJobIn(sql, ownerId, job, rules, expectedVersion, now)),
  setJobEnabled: (jobId, enabled, expectedVersion, now) =>
    written(db, (sql) => setJobEnabledIn(sql, jobId, enabled, expectedVersion, now)),
  remove: (kind, id, expectedVersion) =>
    undoable(db, async (sql, undo) => {
      const removal = await removeIn(sql, kind, id, expectedVersion);
      return removal === "removed" ? removal : undo(removal);
    }),
  disableJobs: (of, now) => disableJobsIn(db, of, now),
  removeOwner: (ownerId) => db.transaction((sql) => removeOwnerIn(sql, ownerId)),
});

/** A change that is refused leaves nothing of itself. */
const written = (db: Db, work: (sql: Sql) => Promise<boolean>): Promise<boolean> =>
  undoable<boolean>(db, async (sql, undo) => (await work(sql)) || undo(false)).catch((error: unknown) => {
    // Another editor made a thing of this id at the same moment.
    if (isDuplicate(error)) return false;
    throw error;
  });
