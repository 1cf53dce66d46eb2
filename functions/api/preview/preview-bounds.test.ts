// What a preview looks at and how much it says: from when to when, at most how many windows, for how long.
import { expect, test } from "vitest";
import { openMemoryStorage } from "../../storage/open-storage.ts";
import { previewRules } from "./preview-rules.ts";
import { at, draft, fill, hour, job, minute, preview, start } from "./test-history.ts";

test("history that was never kept is no window: the preview says from when to when it judged", async () => {
  const empty = await preview([]);
  expect(empty).toMatchObject({ judged: null, windows: { due: 0, missing: 0 }, verdicts: 0, alerts: { total: 0 } });
  const some = await preview([" ", " ", 1, 1, " "], { from: start - hour, until: start + hour });
  expect(some).toMatchObject({ judged: { from: at(2), to: at(4) }, windows: { due: 2 }, cut: [] });
});

test("slots from the one after `from` to the one that ends at `until` are judged", async () => {
  const seen = [1, 1, 1, 1, 1];
  expect((await preview(seen, { from: at(1), until: at(4) })).judged).toEqual({ from: at(1), to: at(4) });
  expect((await preview(seen, { from: at(1) + 1, until: at(4) - 1 })).judged).toEqual({ from: at(1), to: at(3) });
  expect((await preview(seen, { from: start - hour, until: at(4) })).judged).toEqual({ from: at(0), to: at(4) });
});

test("before the job's start, equal windows are judged; others, and answers without values, are gaps", async () => {
  const rules = [draft({ onNoData: "alert" })];
  const again = { ...job, startAt: at(3) };
  const off = await preview([1, "e", "f", 1, "e"], { job: again, rules });
  expect(off.windows).toEqual({ due: 5, complete: 3, failed: 1, missing: 1 });
  expect(off.alerts.listed.map(({ firingAt, why }) => [firingAt, why])).toEqual([[at(5), "no data"]]);
  const wider = await preview([12, 12, 12, 12, 12], { job: { ...again, windowMs: 2 * minute }, rules });
  expect(wider.windows).toEqual({ due: 5, complete: 2, failed: 0, missing: 3 });
});

test("too many windows: the newest are judged, and it says how many were not", async () => {
  const { cut, judged, windows } = await preview([1, 1, 1, 1, 12], { limits: { maxWindows: 2 } });
  expect(cut).toEqual([{ reason: "too-many-windows", windows: 3 }]);
  expect([judged, windows.due]).toEqual([{ from: at(3), to: at(5) }, 2]);
});

test("too long a span: its newest part is judged, and it says how many slots were not", async () => {
  const { cut, judged } = await preview([1, 1, 1, 1, 1], { until: at(5), limits: { maxSpanMs: 2 * minute } });
  expect([cut, judged]).toEqual([[{ reason: "too-long", windows: 3 }], { from: at(3), to: at(5) }]);
});

test("when time is up it ends with what it has, and says how many windows it left", async () => {
  const seen = Array.from({ length: 2000 }, () => 12);
  let reads = 0;
  const { cut, judged, windows, books } = await preview(seen, {
    until: start + 48 * hour,
    limits: { budgetMs: 5 },
    clockMs: () => reads++,
  });
  expect(windows.due).toBeGreaterThan(0);
  expect(cut).toEqual([{ reason: "out-of-time", windows: 2000 - windows.due }]);
  expect(judged).toEqual({ from: start, to: at(windows.due) });
  expect(books.findings).toBe(windows.due);
});

test("lists hold the first alerts and messages without holes, and counts hold all", async () => {
  const seen = Array.from({ length: 40 }, (_, index) => (index % 2 === 0 ? 12 : 0));
  const few = await preview(seen, { limits: { maxAlerts: 3, maxMessages: 4 } });
  expect([few.alerts.total, few.messages.total, few.alerts.fired, few.alerts.resolved]).toEqual([20, 40, 20, 20]);
  expect(few.alerts.listed.map(({ firingAt }) => firingAt)).toEqual([at(1), at(3), at(5)]);
  expect(few.messages.listed).toHaveLength(4);
  const short = await preview(seen, { limits: { maxListLength: 1000 } });
  expect(JSON.stringify(short.alerts.listed).length).toBeLessThan(1300);
  expect(short.alerts.listed.length).toBeGreaterThan(0);
  expect(short.alerts.total).toBe(20);
});

test("the event loop has its turn at least every five hundred windows", async () => {
  const storage = openMemoryStorage();
  await fill(
    storage,
    Array.from({ length: 2000 }, () => 1),
  );
  let pauses = 0;
  const { windows } = await previewRules(
    { job, rules: [draft()], destinations: [], from: start, until: start + 48 * hour },
    {
      ...storage,
      clockMs: () => 0,
      pause: async () => {
        pauses += 1;
      },
    },
  );
  expect(windows).toEqual({ due: 2000, complete: 2000, failed: 0, missing: 0 });
  expect(pauses).toBeGreaterThanOrEqual(2000 / 250);
});
