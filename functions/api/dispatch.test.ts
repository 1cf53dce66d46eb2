// The way to every handler: who is refused is counted, and what was made is answered, whatever fails around it.
import { afterAll, expect, test } from "vitest";
import { createApiOpener, origin } from "../../simulators/stack/test-api.ts";

const opener = createApiOpener();
afterAll(opener.closeAll);

test("requests that are refused count as others do: tokens tried out, forged writes", async () => {
  const api = await opener.open({ LOGWATCH_REQUESTS_PER_ADDRESS: "20" });
  const tries = Array.from({ length: 20 }, (_, index) => `Bearer lw_${String(index).padStart(43, "x")}`);
  for (const authorization of tries) {
    expect((await api.call("GET", "/me", { headers: { authorization } })).status).toBe(401);
  }
  const [authorization = ""] = tries;
  const refused = await api.call("GET", "/me", { headers: { authorization } });
  expect(refused.status).toBe(429);
  expect(Number(refused.headers["retry-after"])).toBeGreaterThan(0);
  expect((await api.call("POST", "/sign-in", { headers: { origin: "https://evil.example" } })).status).toBe(429);
  const elsewhere = { headers: { authorization }, address: "192.0.2.2" };
  expect((await api.call("GET", "/me", elsewhere)).status).toBe(401);
});

test("what was made is answered also where its answer cannot be kept for the same request sent again", async () => {
  const api = await opener.open();
  const as = await api.user("user");
  const { idempotency } = api.storage;
  const finish = idempotency.finish;
  idempotency.finish = async (...given) => {
    api.faults.add({ target: "aurora", kind: "error", status: 400 });
    return finish(...given).finally(api.faults.clear);
  };
  const make = () =>
    api.call("POST", "/sources", {
      as,
      body: { name: "one", kind: "memory", params: {} },
      headers: { "idempotency-key": "k" },
    });
  expect((await make()).status).toBe(201);
  expect(api.logged).toMatchObject([{ level: "warn", text: expect.stringContaining("not kept") }]);
  idempotency.finish = finish;
  expect(await make()).toMatchObject({ status: 409, body: { type: "urn:logwatch:problem:in-progress" } });
  expect((await api.call("GET", "/sources", { as })).body.items).toHaveLength(1);
});

test("a body is measured in bytes, not in characters", async () => {
  const api = await opener.open();
  const text = JSON.stringify({ email: "a@example.com", password: "€".repeat(400_000) });
  const sent = await api.call("POST", "/sign-in", { text, headers: { origin, "x-logwatch-csrf": "1" } });
  expect([sent.status, text.length < 1_000_000]).toEqual([413, true]);
});

test("an answer kept under another key of secrets is a 409 that says what happened, and nothing is made twice", async () => {
  const api = await opener.open();
  const as = await api.user("user");
  const body = {
    name: "logs",
    kind: "graylog",
    params: { url: "https://graylog.example.com", token: "a-reader-token" },
  };
  const call = () => api.call("POST", "/sources", { as, body, headers: { "idempotency-key": "one" } });
  expect((await call()).status).toBe(201);
  await api.db.execute("UPDATE idempotency SET body = 'v1.sealed.under.another'");
  expect(await call()).toMatchObject({ status: 409, body: { type: "urn:logwatch:problem:answer-lost" } });
  expect((await api.call("GET", "/sources", { as })).body.items).toHaveLength(1);
});
