// What a preview says of history as it is: failures, gaps, silence, and nobody to hear it.
import { expect, test } from "vitest";
import { createStorageOpener } from "../../../simulators/cloud/aurora/test-storage.ts";
import { at, draft, fill, mail, minute, preview, previewOver, type Seen } from "./test-history.ts";

test("a rule that nobody hears yet shows what would be told, to nobody, and the books say why", async () => {
  const { alerts, messages, books, windows } = await preview([1, 12, 3]);
  expect(windows).toEqual({ due: 3, complete: 3, failed: 0, missing: 0 });
  expect(alerts).toMatchObject({ total: 1, fired: 1, resolved: 1, neverFired: 0, open: 0 });
  expect(alerts.listed).toEqual([
    {
      ruleName: "many",
      labels: {},
      state: "resolved",
      pendingAt: null,
      firingAt: at(2),
      resolvedAt: at(3),
      fired: 1,
      value: 12,
      why: "12 ≥ 10",
    },
  ]);
  expect(messages).toMatchObject({ total: 2, sent: 0, suppressed: 0, toNobody: 2 });
  expect(messages.listed.map((one) => [one.at, one.destinationId, one.reason, one.message.lines])).toEqual([
    [at(2) + 30_000, null, "no-destination", ["Firing: 12 ≥ 10"]],
    [at(3) + 30_000, null, "no-destination", ["Resolved: 3 < 10"]],
  ]);
  expect(books).toEqual({
    findings: 3,
    sent: 0,
    pending: 0,
    suppressed: { "no-destination": 2, "below-threshold": 1 },
  });
});

test("a destination hears at the window's end plus the delay, up to its limit of messages an hour", async () => {
  const { messages, books } = await preview([12, 0, 12, 0, 12], {
    rules: [draft({ destinationIds: ["mail"], tellResolved: false })],
    destinations: [{ ...mail, maxPerHour: 2 }],
  });
  expect(messages.listed.map((one) => [one.at, one.destinationId, one.reason])).toEqual([
    [at(1) + 30_000, "mail", ""],
    [at(3) + 30_000, "mail", ""],
    [at(5) + 30_000, "mail", "rate-limited"],
  ]);
  expect(books).toEqual({
    findings: 5,
    sent: 2,
    pending: 0,
    suppressed: { "rate-limited": 1, "resolved-not-wanted": 2 },
  });
});

test("the limit of messages an hour counts the last hour alone, however long the history", async () => {
  const seen = Array.from({ length: 300 }, (_, index) => (index % 10 === 0 ? 12 : 0));
  const { messages } = await preview(seen, {
    rules: [draft({ destinationIds: ["mail"], tellResolved: false })],
    destinations: [{ ...mail, maxPerHour: 4 }],
  });
  // One every ten minutes: four are told, and the next when the first of them is more than an hour old, seventy minutes after it.
  expect(messages).toMatchObject({ total: 30, sent: 18, suppressed: 12 });
});

test("a failed window is a failure with its words; a missing one is a gap that holds nothing and clears nothing", async () => {
  const alerting = await preview([1, "f", 1], { rules: [draft({ onFailure: "alert" })] });
  expect(alerting.alerts.listed).toMatchObject([
    { firingAt: at(2), resolvedAt: at(3), why: "no answer from the source: after 10 s: no answer" },
  ]);
  const missing = await preview([12, "m", " ", 12, 12, 1], {
    rules: [draft({ onFailure: "alert", holdMs: 2 * minute })],
  });
  expect(missing.windows).toEqual({ due: 6, complete: 4, failed: 0, missing: 2 });
  // Pending since the first minute; the two minutes of which nothing is known are no time in which it held.
  expect(missing.alerts.listed).toMatchObject([{ pendingAt: at(1), firingAt: at(5), resolvedAt: at(6) }]);
});

test("an answer without a measurement is no data, by the rule's policy", async () => {
  const { alerts, windows } = await preview([1, "e", 1], { rules: [draft({ onNoData: "alert" })] });
  expect(windows).toEqual({ due: 3, complete: 3, failed: 0, missing: 0 });
  expect(alerts.listed).toMatchObject([{ firingAt: at(2), resolvedAt: at(3), why: "no data" }]);
});

test("absence sees silence, and takes an outage for no silence", async () => {
  const quiet = { kind: "absence", params: { measurement: "failures", quietFor: "3m" } };
  expect((await preview([1, 0, 0, 0, 1], { rules: [draft(quiet)] })).alerts.listed).toMatchObject([
    { firingAt: at(4), resolvedAt: at(5) },
  ]);
  expect((await preview([1, "f", "f", "f", 1], { rules: [draft(quiet)] })).alerts.total).toBe(0);
});

test("what was pending and never fired is told apart", async () => {
  const { alerts } = await preview([12, 1, 12], { rules: [draft({ holdMs: 2 * minute })] });
  expect(alerts).toMatchObject({ total: 2, fired: 0, resolved: 0, neverFired: 1, open: 1 });
  expect(alerts.listed.map(({ state, pendingAt, firingAt }) => [state, pendingAt, firingAt])).toEqual([
    ["ok", at(1), null],
    ["pending", at(3), null],
  ]);
});

test("over the database it says the same as over memory, and writes nothing", async () => {
  const opener = createStorageOpener();
  const seen: Seen[] = [1, 12, "f", 12, "m", 0, "e", ...Array.from({ length: 300 }, (_, index) => (index % 7) * 2)];
  const rules = [draft({ destinationIds: ["mail"], repeatMs: 3 * minute, onFailure: "alert" })];
  const { storage, db } = await opener.open();
  await fill(storage, seen);
  const tables = ["rules", "alerts", "alert_events", "notifications", "findings", "coverage", "measurements"];
  const rows = async () => {
    const counts: unknown[] = [];
    for (const table of tables) counts.push((await db.execute(`SELECT COUNT(*) AS rows_there FROM ${table}`)).rows);
    return counts;
  };
  const before = await rows();
  const asked = { rules, destinations: [mail] };
  const report = await previewOver(storage, asked);
  expect(report).toEqual(await preview(seen, asked));
  expect(report.messages.sent).toBeGreaterThan(50);
  expect(await rows()).toEqual(before);
  await opener.closeAll();
});
