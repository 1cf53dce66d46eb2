import { afterAll, expect, test } from "vitest";
import { createApiOpener, start } from "../../simulators/stack/test-api.ts";
import { buildWorld } from "../../simulators/stack/test-world.ts";
import { expireAccounts } from "./expire-accounts.ts";

const opener = createApiOpener();
afterAll(opener.closeAll);
const day = 86_400_000;

test("what is over goes when its time has come, and nothing before", async () => {
  const api = await opener.open();
  const { callers, own } = await buildWorld(api);
  const owner = {
    ...callers["write token"],
    headers: { ...callers["write token"].headers, "idempotency-key": "once" },
  };
  const body = { analysis: "log-search", last: "1m", wait: "0s" };
  expect((await api.call("POST", `/services/${own.service}/runs`, { ...owner, body })).status).toBe(202);
  const count = async (table: string) =>
    Number((await api.db.execute(`SELECT COUNT(*) AS n FROM ${table}`)).rows[0]?.n);
  const left = async (days: number) => {
    await expireAccounts({ ...api.storage, now: () => start + days * day });
    return {
      sessions: await count("sessions"),
      answers: await count("idempotency"),
      runs: await count("runs"),
      audit: await count("audit"),
    };
  };
  const before = await left(0);
  expect(before).toMatchObject({ answers: 1, runs: 3, audit: 1 });
  expect(before.sessions).toBeGreaterThan(0);
  // A session ends when it lies unused for half a day, and goes a day later.
  expect(await left(1.4)).toEqual({ ...before, answers: 0 });
  expect(await left(1.6)).toEqual({ sessions: 0, answers: 0, runs: 3, audit: 1 });
  expect(await left(31)).toMatchObject({ runs: 0, audit: 1 });
  expect(await left(397)).toMatchObject({ audit: 0 });
});
