// What only the SQL and Redis stores can show: how many calls they make, what a fault leaves behind, how large they may get.
import { afterEach, expect, test } from "vitest";
import { createStorageOpener } from "../../simulators/cloud/aurora/test-storage.ts";
import { alertEvent, commit, configuration, count, job, result, rule, series, span } from "./suite-samples.ts";

const opener = createStorageOpener();
afterEach(opener.closeAll);

const ids = Array.from({ length: 500 }, (_, index) => `j${index}`);
const declared = configuration({ jobs: ids.map((id) => job(id)), rules: ids.map((id) => rule(`r-${id}`, id)) });

test("a batch of 500 evaluations takes few calls: one to load states, one to commit quiet ones", async () => {
  const { storage, calls } = await opener.open();
  await storage.configuration.apply("file", declared);
  const callsOf = async (work: () => Promise<unknown>) => {
    calls.made = 0;
    await work();
    return calls.made;
  };
  const due = await storage.jobs.due(11_200, 500);
  const claims = due.map((one) => ({ jobId: one.id, from: one.cursor, to: one.cursor + 1000 }));
  // Two values of a row differ from job to job, and a statement binds a thousand.
  const results = ids.map((id, index) => result(id, 11_000, { measurements: [count(index)] }));
  expect({
    due: await callsOf(() => storage.jobs.due(11_200, 500)),
    // Begin, move the cursors, note the claims, read who won, commit.
    claim: await callsOf(() => storage.jobs.claim(claims, "c", 1)),
    confirm: await callsOf(() => storage.jobs.confirm("c")),
    append: await callsOf(() => storage.measurements.append(results)),
    record: await callsOf(() => storage.coverage.record(ids.map((id) => span(id, 10_000, 11_000)))),
    load: await callsOf(() => storage.ruleStates.load(ids)),
    commit: await callsOf(() => storage.ruleStates.commit(ids.map((id) => commit(`r-${id}`, 11_000)))),
  }).toEqual({ due: 1, claim: 5, confirm: 1, append: 2, record: 2, load: 1, commit: 1 });
});

test("a commit that fails in its middle leaves nothing of itself", async () => {
  const { storage } = await opener.open();
  await storage.configuration.apply("file", configuration({ jobs: [job("a")], rules: [rule("r", "a")] }));
  await storage.ruleStates.commit([commit("r", 1000, { upserts: [series("f1", "r")] })]);
  const tooLong = alertEvent("r", 2000, { why: "x".repeat(70_000) });
  const failing = commit("r", 2000, { removals: ["f1"], upserts: [series("f2", "r")], events: [tooLong] });
  await expect(storage.ruleStates.commit([failing])).rejects.toThrow(/Data too long for column 'body'/);
  expect(await storage.ruleStates.load(["a"])).toMatchObject([{ evaluatedTo: 1000, tracked: [{ fingerprint: "f1" }] }]);
  expect(await storage.ruleStates.events({ limit: 10 })).toEqual([]);
});

test("50,000 jobs at 5 s keep one coverage row each, however long they run", { timeout: 60_000 }, async () => {
  const { db, storage } = await opener.open();
  const jobs = Array.from({ length: 50_000 }, (_, index) => `job-${index}`);
  for (let slot = 0; slot < 3; slot += 1) {
    for (let start = 0; start < jobs.length; start += 2000) {
      const part = jobs.slice(start, start + 2000);
      await storage.coverage.record(part.map((id) => span(id, slot * 5000, slot * 5000 + 5000)));
    }
  }
  const { rows } = await db.execute("SELECT COUNT(*) AS n, MIN(to_at) AS least, MAX(from_at) AS most FROM coverage");
  expect(rows).toEqual([{ n: 50_000, least: 15_000, most: 0 }]);
});

test("a claim whose answers are lost is won by nobody or by its tick, and its cursor moves once", async () => {
  for (const lost of [1, 2, 3, 4, 5]) {
    const { storage, faults } = await opener.open({ retry: { budgetMs: 1000, firstPauseMs: 1 } });
    await storage.configuration.apply("file", configuration({ jobs: [job("a")] }));
    for (let calls = 1; calls < lost; calls += 1) faults.add({ target: "aurora", kind: "slow", delayMs: 1, calls: 1 });
    faults.add({ target: "aurora", kind: "partial", calls: 1 });
    const claim = { jobId: "a", from: 10_000, to: 11_000 };
    const won = await storage.jobs.claim([claim], "c1", 1).catch(() => undefined);
    faults.clear();
    const [found] = await storage.jobs.find(["a"]);
    // Lost with the commit's answer, it is a dead tick's claim: found by its lease.
    const isClaimed = won?.has("a") || (await storage.jobs.abandoned(100, 10)).length === 1;
    expect([found?.cursor, found?.sentTo]).toEqual([isClaimed ? 11_000 : 10_000, 10_000]);
    expect(won === undefined || won.has("a")).toBe(true);
  }
});

test("a busy or restarting database is asked once more, a broken one is told", async () => {
  const { db, faults, calls } = await opener.open({ retry: { budgetMs: 1000, firstPauseMs: 1 } });
  for (const kind of ["throttle", "error", "refuse"] as const) {
    faults.add({ target: "aurora", kind, calls: 1 });
    expect((await db.execute("SELECT 1 AS one")).rows).toEqual([{ one: 1 }]);
  }
  calls.made = 0;
  faults.add({ target: "aurora", kind: "error", calls: 5 });
  await expect(db.execute("SELECT 1 AS one")).rejects.toThrow("The database refused: Asked to fail. (SELECT 1 AS one)");
  expect(calls.made).toBe(2);
  faults.clear();
  faults.add({ target: "aurora", kind: "error", status: 500, calls: 1 });
  await expect(db.execute("SELECT 1 AS one")).rejects.toThrow(/The database refused/);
});

test("a refusal names the statement and never its values", async () => {
  const { db } = await opener.open();
  const secret = { id: "x", secret: "hunter2".repeat(20_000) };
  const failing = db.execute("UPDATE sources SET secret = :secret, nothing_like_it = 1 WHERE id = :id", secret);
  await expect(failing).rejects.toThrow(/Unknown column 'nothing_like_it'.*UPDATE sources SET secret = :secret/);
  await expect(failing).rejects.not.toThrow(/hunter2/);
});

test("a full disk is told to whoever writes, and reading goes on", async () => {
  const { db } = await opener.open({ limits: { maxFileBytes: 1_000_000 } });
  const sets = Array.from({ length: 200 }, (_, index) => ({ id: `s${index}`, text: "x".repeat(5000) }));
  const insert = `INSERT INTO sources (id, managed_by, version, created_at, updated_at, name, kind, params, secret)
    VALUES (:id, '', 1, 1, 1, '', '', :text, '')`;
  await expect(db.transaction((sql) => sql.batch(insert, sets))).rejects.toThrow(
    /The table is full: the disk has no room/,
  );
  expect((await db.execute("SELECT COUNT(*) AS n FROM sources")).rows).toEqual([{ n: 0 }]);
});

test("Redis may lose everything: the next result is there again", async () => {
  const { storage, redis } = await opener.open();
  await storage.snapshots.put([result("a", 2000)], 60_000);
  await redis.flushall();
  expect(await storage.snapshots.get("a")).toBeUndefined();
  await storage.snapshots.put([result("a", 1000)], 60_000);
  expect((await storage.snapshots.get("a"))?.window.to).toBe(1000);
});

test("a snapshot goes when nobody touched it for its time, and a broken one is as good as none", async () => {
  const { storage, redis } = await opener.open();
  await storage.snapshots.put([result("a", 2000)], 60_000);
  expect(await redis.pttl("{job:a}:snapshot")).toBeGreaterThan(50_000);
  for (const body of ["not json", '{"of":"another version"}']) {
    await redis.hset("{job:a}:snapshot", { body });
    expect(await storage.snapshots.get("a")).toBeUndefined();
  }
  await storage.snapshots.put([result("a", 3000)], 60_000);
  expect((await storage.snapshots.get("a"))?.window.to).toBe(3000);
});

test("Redis that does not answer is an error to the one who asked, and none after it is back", async () => {
  const { storage, faults } = await opener.open();
  faults.add({ target: "redis", kind: "refuse", calls: 2 });
  await expect(storage.snapshots.put([result("a", 1000)], 60_000)).rejects.toThrow(/Connection is closed/);
  await expect(storage.snapshots.get("a")).rejects.toThrow(/Connection is closed/);
  await storage.snapshots.put([result("a", 1000)], 60_000);
  expect((await storage.snapshots.get("a"))?.window.to).toBe(1000);
});
