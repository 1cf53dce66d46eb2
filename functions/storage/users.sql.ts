// Users in SQL. Whoever loses the last admin is refused by the statement itself, so that two who leave at once cannot both go.
import type { Db, Sql, SqlParams } from "./db.ts";
import { readPages } from "./read-pages.ts";
import type { SessionCache } from "./sessions-cache.ts";
import { plainEmail, type User, type UserChange, type UserChanged, type UserStore } from "./users.ts";
import { readLeaving, removeAllOf } from "./users-leaving.sql.ts";
import { toUser, userColumns } from "./users-row.ts";

// A count inside a table of its own, because MySQL does not read what it changes otherwise.
const keepsAnAdmin = `(role <> 'admin' OR state <> 'active' OR
  (SELECT c.admins FROM (SELECT COUNT(*) AS admins FROM users WHERE role = 'admin' AND state = 'active') c) > 1)`;

export const sqlUsers = (db: Db, cache: SessionCache): UserStore => ({
  create: async ({ id, email, name, passwordHash, at, onlyFirst = false }) => {
    const params = { id, email: plainEmail(email), name, passwordHash, at };
    const text = onlyFirst ? `${insert} AND NOT EXISTS (SELECT 1 FROM users c)` : insert;
    // In a transaction, because two that find the instance empty may meet in a deadlock, which it repeats.
    const tryInsert = () => db.transaction((sql) => sql.execute(text, params));
    // Or one index lets only one of them through: the other then finds an instance with an account, or its address taken.
    await tryInsert().catch((error) => ignoreDuplicate(error) ?? tryInsert().catch(ignoreDuplicate));
    // Read back: the statement may have been repeated after a lost answer.
    return findUser(db, id);
  },
  find: (id) => findUser(db, id),
  findByEmail: async (email) => {
    const params = { email: plainEmail(email) };
    const { rows } = await db.execute(
      `SELECT ${userColumns}, u.password_hash FROM users u WHERE u.email = :email`,
      params,
    );
    const [row] = rows;
    return row && { ...toUser(row), passwordHash: String(row.password_hash) };
  },
  passwordHash: async (id) => {
    const { rows } = await db.execute("SELECT password_hash FROM users WHERE id = :id", { id });
    return rows[0] && String(rows[0].password_hash);
  },
  list: async ({ after = "", limit }) => {
    const rows = await readPages(db, {
      sql: `SELECT ${userColumns} FROM users u WHERE u.id > :start`,
      params: { start: after },
      order: "u.id",
      behind: "u.id > :lastId",
      after: (last) => ({ lastId: last.u_id ?? "" }),
      limit,
    });
    return rows.map(toUser);
  },
  update: (id, version, change, at) =>
    endingSessions(db, cache, async (sql) => {
      const { sets, params } = toSets(change);
      const losesAdmin = change.role === "user" || change.state === "disabled";
      const { changed } = await sql.execute(
        `UPDATE users SET ${[...sets, "updated_at = :at", "version = version + 1"].join(", ")}
          WHERE id = :id AND version = :version ${losesAdmin ? `AND ${keepsAnAdmin}` : ""}`,
        { ...params, id, version, at },
      );
      if (changed === 0) return { outcome: await whyNot(sql, id, version), hashes: [] };
      const endsSessions = Boolean(change.passwordHash ?? change.role ?? change.state);
      // A living session shows the new name at once: its cached copy is set aside, too.
      const hashes = await sessionHashes(sql, id);
      if (endsSessions) await endSignIns(sql, id);
      if (change.state === "disabled") await turnJobsOff(sql, id, at);
      else if (change.role === "user") await turnJobsOff(sql, id, at, elsewhere);
      return { outcome: "done", hashes };
    }),
  leaving: (id) => readLeaving(db, id),
  remove: (id, version) =>
    endingSessions(db, cache, async (sql) => {
      const where = `WHERE id = :id AND version = :version AND ${keepsAnAdmin}`;
      const { changed } = await sql.execute(`DELETE FROM users ${where}`, { id, version });
      if (changed === 0) return { outcome: await whyNot(sql, id, version), hashes: [] };
      const hashes = await sessionHashes(sql, id);
      await endSignIns(sql, id);
      await removeAllOf(sql, id);
      return { outcome: "done", hashes };
    }),
});

const insert = `INSERT INTO users (id, email, name, password_hash, role, state, first_one, created_at, updated_at, version)
  SELECT :id, :email, :name, :passwordHash,
    CASE WHEN EXISTS (SELECT 1 FROM users a) THEN 'user' ELSE 'admin' END, 'active',
    CASE WHEN EXISTS (SELECT 1 FROM users b) THEN NULL ELSE 1 END, :at, :at, 1
  FROM (SELECT 1 AS one) d
  WHERE NOT EXISTS (SELECT 1 FROM users t WHERE t.email = :email OR t.id = :id)`;

const ignoreDuplicate = (error: unknown): undefined => {
  if (!(error instanceof Error && /duplicate entry/i.test(error.message))) throw error;
};

const findUser = async (sql: Sql, id: string): Promise<User | undefined> => {
  const { rows } = await sql.execute(`SELECT ${userColumns} FROM users u WHERE u.id = :id`, { id });
  return rows[0] && toUser(rows[0]);
};

type Ended = { outcome: UserChanged; hashes: string[] };

/** The change in one transaction; then no cache may answer for the sessions any more, before anybody hears of it. */
const endingSessions = async (
  db: Db,
  cache: SessionCache,
  work: (sql: Sql) => Promise<Ended>,
): Promise<UserChanged> => {
  const { outcome, hashes } = await db.transaction(work);
  await cache.setAside(hashes);
  return outcome;
};

const sessionHashes = async (sql: Sql, id: string): Promise<string[]> => {
  const { rows } = await sql.execute("SELECT token_hash FROM sessions WHERE user_id = :id", { id });
  return rows.map((row) => String(row.token_hash));
};

const endSignIns = async (sql: Sql, id: string): Promise<void> => {
  await sql.execute("DELETE FROM sessions WHERE user_id = :id", { id });
  await sql.execute("DELETE FROM mail_tokens WHERE subject = :id AND purpose = 'reset'", { id });
};

/** What a user set up who may not sign in, or not see those services any more, must not go on telling them of logs. */
const turnJobsOff = async (sql: Sql, id: string, at: number, more = ""): Promise<void> => {
  await sql.execute(
    `UPDATE jobs SET enabled = 0, version = version + 1, updated_at = :at
      WHERE managed_by = :id AND enabled = 1 ${more}`,
    { id, at },
  );
};

/** Services that only an admin sees: those of the instance's file, unless the user is a member. */
const elsewhere = "AND service_id NOT IN (SELECT m.service_id FROM service_members m WHERE m.user_id = :id)";

const whyNot = async (sql: Sql, id: string, version: number): Promise<UserChanged> =>
  (await findUser(sql, id))?.version === version ? "last-admin" : "stale";

const toSets = (change: UserChange): { sets: string[]; params: SqlParams } => {
  const given = Object.entries({
    name: change.name,
    role: change.role,
    state: change.state,
    password_hash: change.passwordHash,
  }).flatMap(([column, value]) => (value === undefined ? [] : [[column, value] as const]));
  return { sets: given.map(([column]) => `${column} = :${column}`), params: Object.fromEntries(given) };
};
