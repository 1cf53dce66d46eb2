// Whatever a watch file accepts, Graylog answers: by its stand-in, with the fewest rows that its settings allow and with the usual.
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createFaults } from "../../simulators/cloud/faults.ts";
import { startGraylog } from "../../simulators/cloud/graylog/graylog.ts";
import { graylog } from "../sources/graylog.ts";
import { loadGraylog } from "../sources/graylog-load.ts";
import type { OpenSource } from "../sources/source.ts";
import { toLoopback } from "../sources/test-fetch.ts";
import { failedLogins, failedLoginTimeseries, logPatterns } from "./index.ts";
import { outcomeOf } from "./test-answer.ts";

const second = 1000;
const hour = 3600 * second;
const day = 24 * hour;
const users = 300;
const start = Math.floor(Date.now() / day) * day - 8 * day;
const window = { from: start, to: start + hour };

const signIn = { "event.category": "authentication", event_type: "authentication_attempt", status: "failure" };
const entries = Array.from({ length: users }, (_, at) => ({
  at: start + at,
  service: "auth",
  host: "web-1.example.com",
  level: 4,
  message: "failed",
  fields: { ...signIn, username: `user-${at}`, source_ip: "192.0.2.1", failure_reason: "unknown" },
}));

let standIn: Awaited<ReturnType<typeof startGraylog>>;
let settings: { url: string; username: string; password: string };
let source: OpenSource;

beforeAll(async () => {
  const login = { username: "admin", password: "admin-password" };
  standIn = await startGraylog({ port: 0, gelfPort: 0, dataDir: ":memory:", ...login, faults: createFaults() });
  settings = { url: standIn.url, ...login };
  const log = { entries, window, filter: "service:auth", oddUsers: [] };
  source = await loadGraylog(log, `http://127.0.0.1:${standIn.gelf.http}/gelf`, settings);
});
afterAll(() => standIn.close());

describe.each([5000, 20_000])("with at most %i rows", (maxRows) => {
  const everies = ["1s", "7s", "10s", "61s", "1m", "7m", "59m", "1h", "5h", "23h", "1d"];
  it.each(everies)("points of %s are answered over every window, in any number of groups", async (every) => {
    const { ask } = graylog.open({ ...settings, maxGroups: maxRows }, toLoopback);
    for (const length of [second, 61 * second, hour, 4 * hour, day, 7 * day - second, 7 * day]) {
      for (const maxGroups of [1, 1000, 10_000]) {
        const odd = { from: start - 500, to: start - 500 + length };
        const patterns = await outcomeOf(ask, logPatterns, { field: "username", every, maxGroups }, odd);
        const lines = await outcomeOf(ask, failedLoginTimeseries, { by: "username", every, maxGroups }, odd);
        expect(patterns.measurements[0]).toMatchObject({ name: "matches", value: users });
        expect(lines.measurements[0]).toMatchObject({ name: "failed_logins", value: users });
        expect(patterns.truncated).toEqual(maxGroups < users ? ["matches_by_value"] : []);
        expect(lines.truncated).toEqual(maxGroups < users ? ["failed_logins_by_value"] : []);
      }
    }
  });
});

it("hundreds of users, and pairs of them with addresses, are whole: nothing is said to be cut", async () => {
  const { measurements, truncated } = await outcomeOf(source.ask, failedLogins, { byUserAndAddress: true }, window);
  expect(truncated).toEqual([]);
  for (const name of ["failed_logins_by_user", "failed_logins_by_user_and_address"])
    expect(measurements.filter((one) => one.name === name)).toHaveLength(users);
});

it("a picture that does not show everything says so, and cuts no measurement", async () => {
  const { views, truncated } = await outcomeOf(source.ask, logPatterns, { field: "username" }, window);
  const lines = views.filter((view) => view.kind === "timeseries");
  expect(lines).toMatchObject([{ truncated: false }, { truncated: true, series: { length: 10 } }]);
  expect(truncated).toEqual([]);
});
