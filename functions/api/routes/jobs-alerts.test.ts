// What becomes of a job's alerts when the job or a rule of it goes.
import { afterAll, expect, test } from "vitest";
import { createApiOpener } from "../../../simulators/stack/test-api.ts";
import { buildWorld } from "../../../simulators/stack/test-world.ts";

const opener = createApiOpener();
afterAll(opener.closeAll);

test.each(["the job", "its rule"])("an alert ends at once when %s is removed, and says why", async (what) => {
  const api = await opener.open();
  const { own, callers } = await buildWorld(api);
  const { owner } = callers;
  const path = `/jobs/${own.job}`;
  const { name, serviceId, analysis, params, every, window, delay, enabled } = (await api.call("GET", path, owner))
    .body;
  const body = { name, serviceId, analysis, params, every, window, delay, enabled, rules: [] };
  const removed =
    what === "the job"
      ? await api.call("DELETE", path, owner)
      : await api.call("PUT", path, { ...owner, body, headers: { "if-match": "*" } });
  expect(removed.status).toBeLessThan(300);
  const [alert] = await api.storage.alerts.find([own.alert]);
  expect(alert).toMatchObject({ state: "resolved", why: "its rule is gone" });
});
