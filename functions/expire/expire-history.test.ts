// Expire: every kind of history is thinned in bounded batches, and one run ends.
import { expect, test } from "vitest";
import { openMemoryStorage } from "../storage/open-storage.ts";
import { type ExpirePorts, expireHistory } from "./expire-history.ts";

const day = 86_400_000;
const now = Date.UTC(2026, 10, 25, 13);

/** Stores that say how much there is to do and note each call's bound. */
const portsOf = (rows: number) => {
  const calls: number[] = [];
  const thin = async (_until: number, most: number) => {
    const taken = Math.min(rows, most);
    rows -= taken;
    calls.push(taken);
    return taken;
  };
  const none = async () => 0;
  const ports: ExpirePorts = {
    measurements: { thin },
    findings: { sumDays: none },
    notifications: { forget: none },
    ruleStates: { forgetEvents: none },
    alerts: { endGone: none, forget: none },
    silences: { forget: none },
    withheld: { forget: none },
    now: () => now,
  };
  return { ports, calls };
};

test("goes on until nothing is left, a bounded batch at a time", async () => {
  const { ports, calls } = portsOf(12_000);
  expect(await expireHistory(ports)).toBe(12_000);
  expect(calls).toEqual([5000, 5000, 2000, 0]);
});

test("one run never outlasts its Lambda: the next hour goes on", async () => {
  const { ports } = portsOf(1_000_000);
  expect(await expireHistory(ports, 3)).toBe(15_000);
});

test("reasons for silence become sums of days after a week, and the books stay balanced", async () => {
  const storage = openMemoryStorage();
  const rows = Array.from({ length: 100 }, (_, index) => ({
    evaluationId: `rule@${index}`,
    ruleId: "rule",
    at: now - index * 0.5 * day,
    reason: "not-due" as const,
    count: 3,
  }));
  await storage.findings.record(rows);
  // 100 rows, half a day apart: those of the last seven whole days and of today are young.
  expect(await expireHistory({ ...storage, now: () => now })).toBe(100 - 16);
  expect(await expireHistory({ ...storage, now: () => now })).toBe(0);
  expect(await storage.findings.totals()).toEqual(new Map([["not-due", 300]]));
});

test("alerts that are over, silences and what they withheld go after 13 months; alerts without a rule end", async () => {
  const storage = openMemoryStorage();
  const long = now - 400 * day;
  const episode = {
    ruleId: "rule",
    ruleName: "rule",
    jobId: "job",
    jobName: "job",
    serviceId: "auth",
    serviceName: "auth",
    severity: "warning" as const,
    labels: {},
    value: 1,
    why: "",
    sequence: 1,
    openedAt: long,
    firedAt: long,
    resolvedAt: null,
    updatedAt: long,
    late: false,
  };
  const over = { ...episode, alertId: "over", fingerprint: "f1", state: "resolved" as const, resolvedAt: long };
  const fires = { ...episode, alertId: "fires", fingerprint: "f2", state: "firing" as const };
  const commit = {
    ruleId: "rule",
    evaluationId: "e",
    evaluatedTo: 1,
    upserts: [],
    removals: [],
    events: [],
    unfired: [],
  };
  await storage.ruleStates.commit([{ ...commit, episodes: [over, fires] }]);
  const written = { authorId: "u", authorName: "User 1", comment: "", createdAt: long, updatedAt: long };
  const silence = {
    id: "s",
    serviceId: "auth",
    matchers: [],
    startsAt: long,
    endsAt: long,
    version: 1,
    endedEarly: false,
  };
  await storage.silences.put({ ...silence, ...written }, 0);
  const withheld = { evaluationId: "e", alertId: "over", kind: "opened" as const, reason: "silenced" as const };
  await storage.withheld.record({
    withheld: [{ ...withheld, silenceId: "s", at: long }],
    untold: [],
    forgotten: [],
  });
  // The rule of the one that fires is not there: it ends now, and is kept from now on.
  expect(await expireHistory({ ...storage, now: () => now })).toBe(4);
  expect(await expireHistory({ ...storage, now: () => now })).toBe(0);
  expect(
    (await storage.alerts.list({ serviceIds: ["auth"], limit: 9 })).map((one) => [one.alertId, one.state]),
  ).toEqual([["fires", "resolved"]]);
  expect(await storage.silences.list({ serviceIds: ["auth"], limit: 9 })).toEqual([]);
});
