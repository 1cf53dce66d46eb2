// What every store of the books promises: each evaluation counts once, and sums of days change no total.
import { expect, test } from "vitest";
import type { FindingRecord } from "./findings.ts";
import type { OpenStorage } from "./suite-samples.ts";

const hour = 3_600_000;
const day = 24 * hour;
const start = Date.UTC(2026, 10, 1);

const record = (
  evaluationId: string,
  reason: FindingRecord["reason"],
  count: number,
  over: Partial<FindingRecord> = {},
): FindingRecord => ({ evaluationId, ruleId: "r", at: start, reason, count, ...over });

export const findingsSuite = (open: OpenStorage): void => {
  test("findings are booked once for each evaluation and reason", async () => {
    const { findings } = await open();
    expect(await findings.totals()).toEqual(new Map());
    const batch = [record("e1", "silenced", 2), record("e1", "pending", 5), record("e2", "silenced", 3)];
    for (let time = 0; time < 2; time += 1) await findings.record(batch);
    await findings.record([record("e2", "silenced", 4)]);
    await findings.record([]);
    const totals = { silenced: 6, pending: 5 };
    expect(Object.fromEntries(await findings.totals())).toEqual(totals);
  });

  test("old rows become one a rule, reason and day, in bounded steps, and no total changes", async () => {
    const { findings } = await open();
    const rows = Array.from({ length: 240 }, (_, index) =>
      record(`e${index}`, index % 2 === 0 ? "not-due" : "pending", 1 + (index % 3), {
        ruleId: `r${index % 2}`,
        at: start + (index + 1) * hour,
      }),
    );
    await findings.record(rows);
    const totals = await findings.totals();
    const gone: number[] = [];
    for (let step = 0; step < 12; step += 1) {
      gone.push(await findings.sumDays(start + 7 * day, 20));
      expect(await findings.totals()).toEqual(totals);
    }
    // Seven days of 24 rows; what is younger stays as it is, and sums are not summed again.
    expect(gone.reduce((sum, one) => sum + one, 0)).toBe(7 * 24);
    expect(gone.slice(9)).toEqual([0, 0, 0]);
  });

  test("two that sum at once count every row once", async () => {
    const { findings } = await open();
    await findings.record(Array.from({ length: 50 }, (_, index) => record(`e${index}`, "not-due", 2)));
    await Promise.all([findings.sumDays(start + day, 100), findings.sumDays(start + day, 100)]);
    expect(await findings.totals()).toEqual(new Map([["not-due", 100]]));
  });
};
