// What only a real cluster answers, played on the wire: a lost deadlock, a cluster that resumes, a rollback that fails too.
import { createServer } from "node:http";
import { afterEach, expect, test } from "vitest";
import { openDataApi } from "./data-api.ts";

type Answer = { type?: string; message?: string; body?: unknown };
const closing: (() => void)[] = [];
afterEach(() => {
  for (const close of closing.splice(0)) close();
});

/** A cluster that gives these answers by path, in turn; the last one stays. Which paths were called is listed. */
const openCluster = async (answers: Record<string, Answer[]>) => {
  const called: string[] = [];
  const server = createServer((req, res) => {
    const path = req.url ?? "";
    called.push(path.slice(1));
    const list = answers[path.slice(1)] ?? [];
    const { type, message, body } = (list.length > 1 ? list.shift() : list[0]) ?? {};
    req.resume().on("end", () => {
      if (type) res.writeHead(400, { "x-amzn-errortype": type }).end(JSON.stringify({ message }));
      else res.writeHead(200, { "content-type": "application/json" }).end(JSON.stringify(body ?? {}));
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  closing.push(() => server.close().closeAllConnections());
  const endpoint = `http://127.0.0.1:${address !== null && typeof address === "object" ? address.port : 0}`;
  const retry = { budgetMs: 200, firstPauseMs: 1 };
  const target = { region: "us-east-1", resourceArn: "arn:aws:rds", secretArn: "arn:aws:s", database: "logwatch" };
  return { db: openDataApi({ ...target, endpoint, retry }), called };
};

const begun = [{ body: { transactionId: "t" } }];
const deadlock = {
  type: "DatabaseErrorException",
  message: "Database error code: 1213. Message: Deadlock found when trying to get lock",
};
const done = { body: { numberOfRecordsUpdated: 1 } };

test("work that lost a deadlock is done once more; if it loses again, that is told", async () => {
  const once = await openCluster({ BeginTransaction: begun, Execute: [deadlock, done] });
  const changed = await once.db.transaction(async (sql) => (await sql.execute("DELETE FROM t")).changed);
  expect(changed).toBe(1);
  const round = ["BeginTransaction", "Execute"];
  expect(once.called).toEqual([...round, "RollbackTransaction", ...round, "CommitTransaction"]);
  const always = await openCluster({ BeginTransaction: begun, Execute: [deadlock] });
  await expect(always.db.transaction((sql) => sql.execute("DELETE FROM t"))).rejects.toThrow(/Deadlock found/);
});

test("a cluster that resumes is waited for, within the budget", async () => {
  const resuming = { type: "DatabaseResumingException", message: "The database is resuming." };
  const soon = await openCluster({ Execute: [resuming, resuming, resuming, done] });
  expect((await soon.db.execute("DELETE FROM t")).changed).toBe(1);
  const never = await openCluster({ Execute: [resuming] });
  await expect(never.db.execute("DELETE FROM t")).rejects.toThrow(/resuming/);
  expect(never.called.length).toBeGreaterThan(3);
});

test("a rollback that fails too is told beside what failed first; one of nothing is none", async () => {
  const refused = { type: "DatabaseErrorException", message: "Data too long" };
  const broken = { type: "BadRequestException", message: "No." };
  const both = await openCluster({ BeginTransaction: begun, Execute: [refused], RollbackTransaction: [broken] });
  await expect(both.db.transaction((sql) => sql.execute("DELETE FROM t"))).rejects.toThrow(
    /^The transaction failed \(.*Data too long.*\), and so did its rollback \(No\.\)\.$/,
  );
  const gone = { type: "TransactionNotFoundException", message: "Transaction t is not found" };
  const ended = await openCluster({ BeginTransaction: begun, Execute: [refused], RollbackTransaction: [gone] });
  await expect(ended.db.transaction((sql) => sql.execute("DELETE FROM t"))).rejects.toThrow(
    "The database refused: Data too long (DELETE FROM t)",
  );
});

test("a statement that ran out of time, or a refusal, is not asked again", async () => {
  for (const type of ["StatementTimeoutException", "BadRequestException", "DatabaseErrorException"]) {
    const { db, called } = await openCluster({ Execute: [{ type, message: "No." }] });
    await expect(db.execute("DELETE FROM t")).rejects.toThrow("The database refused: No.");
    expect(called).toEqual(["Execute"]);
  }
});

test("a number that is none is refused before it is sent", async () => {
  const { db, called } = await openCluster({});
  await expect(db.execute("DELETE FROM t WHERE n = :n", { n: Number.NaN })).rejects.toThrow("NaN cannot be stored.");
  expect(called).toEqual([]);
});
