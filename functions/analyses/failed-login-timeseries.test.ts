// Failed logins over time by example.
import { expect, it } from "vitest";
import { openMemory } from "../sources/memory.ts";
import { failedLoginTimeseries } from "./failed-login-timeseries.ts";
import { logged, outcomeOf, testWindow, valuesOf } from "./test-answer.ts";

const attempt = (second: number, status: string, username = "root") =>
  logged(second, "auth", { event_type: "authentication_attempt", status, username });
const log = openMemory([
  attempt(0, "failure"),
  attempt(59, "failure"),
  attempt(60, "failure", "user001"),
  attempt(61, "success"),
]).ask;

it("draws every bucket of the window, and says how many failed in the fullest", async () => {
  const outcome = await outcomeOf(log, failedLoginTimeseries);
  expect(valuesOf(outcome)).toEqual({ failed_logins: 3, failed_logins_peak: 2 });
  const points = [2, 1, 0, 0, 0].map((value, at) => ({ at: testWindow.from + at * 60_000, value }));
  expect(outcome.views[1]).toMatchObject({ kind: "timeseries", series: [{ labels: {}, points }] });
});

it("draws a line for each value of a field", async () => {
  const outcome = await outcomeOf(log, failedLoginTimeseries, { by: "username", every: "10s" });
  expect(valuesOf(outcome)).toMatchObject({
    failed_logins: 3,
    "failed_logins_by_value{value=root}": 2,
    "failed_logins_by_value{value=user001}": 1,
  });
  expect(outcome.views[2]).toMatchObject({
    series: [{ labels: { username: "root" } }, { labels: { username: "user001" } }],
  });
});

it("logins that went well are not drawn", async () => {
  const well = openMemory([attempt(1, "success")]).ask;
  expect(valuesOf(await outcomeOf(well, failedLoginTimeseries, { by: "username" }))).toEqual({
    failed_logins: 0,
    failed_logins_peak: 0,
  });
});

it.each(["0s", "500ms", "1500ms", "2d", "soon"])("refuses buckets of %s", (every) => {
  expect(failedLoginTimeseries.params.safeParse({ every }).error?.issues).toMatchObject([{ path: ["every"] }]);
});
