// A user's watch file in SQL. Everything of the user is held first and compared with what was read, so that no other change of theirs
// gets between; then only what differs is written, by the same statements as single changes.
import { putIn, putJobIn } from "./configuration-put.sql.ts";
import { removeIn } from "./configuration-remove.sql.ts";
import { isDuplicate, undoable } from "./configuration-transaction.ts";
import type { Db, Sql } from "./db.ts";
import { putMember } from "./members.sql.ts";
import { readPages } from "./read-pages.ts";
import { removeServiceIn } from "./services-with-members.sql.ts";
import { holdOwner } from "./user-jobs.sql.ts";
import { ownedKinds, type UserWatchStore, type WatchApplied, type WatchPlan } from "./user-watch.ts";

export const sqlUserWatch = (db: Db): UserWatchStore => ({
  apply: (ownerId, plan, now) =>
    undoable<WatchApplied>(db, async (sql, undo) => {
      if (!(await isAsSeen(sql, ownerId, plan.seen))) return undo("changed");
      if (!(await putThings(sql, ownerId, plan, now))) return undo("changed");
      return (await removeThings(sql, plan)) ? "done" : undo("in-use");
    }).catch((error: unknown) => {
      // Another one of theirs made a thing of this id at the same moment.
      if (isDuplicate(error)) return "changed";
      throw error;
    }),
});

/** What is written to, without a change, stays as it is until the transaction ends; what is read after that is the newest. */
const isAsSeen = async (sql: Sql, ownerId: string, seen: WatchPlan["seen"]): Promise<boolean> => {
  await sql.execute("UPDATE users SET updated_at = updated_at WHERE id = :ownerId", { ownerId });
  for (const table of ownedKinds)
    await sql.execute(`UPDATE ${table} SET version = version WHERE managed_by = :ownerId`, { ownerId });
  for (const table of ownedKinds) {
    const rows = await readPages(sql, {
      sql: `SELECT id, version FROM ${table} WHERE managed_by = :ownerId`,
      params: { ownerId },
      order: "id",
      behind: "id > :lastId",
      after: (last) => ({ lastId: last.id ?? "" }),
    });
    const isSame = rows.every(({ id, version }) => seen[table].get(String(id)) === Number(version));
    if (!isSame || rows.length !== seen[table].size) return false;
  }
  return true;
};

/** What is referred to comes before what refers to it. */
const putThings = async (sql: Sql, ownerId: string, plan: WatchPlan, now: number): Promise<boolean> => {
  for (const { item, version } of plan.sources)
    if (!(await putIn(sql, "sources", ownerId, item, version, now))) return false;
  for (const { item, version } of plan.destinations)
    if (!(await putIn(sql, "destinations", ownerId, item, version, now))) return false;
  for (const { item, version } of plan.services) {
    if (!(await putIn(sql, "services", ownerId, item, version, now))) return false;
    if (version === 0 && (await putMember(sql, item.id, ownerId, "owner", now)) !== "done") return false;
  }
  for (const { item, rules, version } of plan.jobs) {
    if (item.enabled && (await holdOwner(sql, { ownerId, serviceId: item.serviceId })) !== "done") return false;
    if (!(await putJobIn(sql, ownerId, item, rules, version, now))) return false;
  }
  return true;
};

const removeThings = async (sql: Sql, { gone }: WatchPlan): Promise<boolean> => {
  for (const id of gone.jobs) if ((await removeIn(sql, "jobs", id, null)) !== "removed") return false;
  for (const id of gone.services) if ((await removeServiceIn(sql, id, false)).state !== "removed") return false;
  for (const id of gone.destinations) if ((await removeIn(sql, "destinations", id, null)) !== "removed") return false;
  for (const id of gone.sources) if ((await removeIn(sql, "sources", id, null)) !== "removed") return false;
  return true;
};
