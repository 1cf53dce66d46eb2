// Hard case 17, through the handler: what the limits of limits.test.ts mean to whoever calls.
import { afterEach, expect, test } from "vitest";
import { createApiOpener, origin, type TestApi } from "../../../simulators/stack/test-api.ts";
import { openSignInLimits } from "../limits-sign-in.ts";

const opener = createApiOpener();
afterEach(opener.closeAll);

const headers = { origin, "x-logwatch-csrf": "1" };
const password = "plum-quartz-onward-77";
const open = async () => {
  const api = await opener.open({ LOGWATCH_REQUESTS_PER_ADDRESS: "1000000" });
  const body = { email: "user001@example.com", name: "User001", password };
  expect((await api.call("POST", "/register", { headers, body })).status).toBe(201);
  return api;
};
const signIn = (
  api: TestApi,
  email: string,
  given: string,
  more: { address?: string; claimed?: string; cookies?: string[] },
) =>
  api.call("POST", "/sign-in", {
    headers: { ...headers, ...(more.claimed ? { "x-forwarded-for": more.claimed } : {}) },
    cookies: more.cookies ?? [],
    body: { email, password: given },
    ...(more.address ? { address: more.address } : {}),
  });
/** Tries that were counted before: each would cost a hash. */
const countTries = async (api: TestApi, tries: number, of: (index: number) => { email: string; address: string }) => {
  const limits = openSignInLimits(api.redis);
  for (let index = 0; index < tries; index += 1) await limits.take({ ...of(index), device: undefined });
};

test("hard case 17: tries on one account from everywhere are refused unhashed; its user comes in from where they were", async () => {
  const api = await open();
  const email = "user001@example.com";
  const home = await signIn(api, email, password, {});
  const device = home.cookies.map((line) => line.replace(/;.*$/s, "")).filter((line) => line.includes("-device="));
  expect(home.status).toBe(200);
  await countTries(api, 60, (index) => ({ email, address: `198.51.100.${index}` }));
  const begun = performance.now();
  for (let index = 0; index < 300; index += 1) {
    const address = `203.0.${index >> 8}.${index & 255}`;
    const refused = await signIn(api, email, index % 2 === 0 ? password : "guess", { address });
    expect(refused.status).toBe(429);
    expect(Number(refused.headers["retry-after"])).toBeGreaterThan(0);
  }
  // A quarter of a second each, if they were hashed.
  expect(performance.now() - begun).toBeLessThan(25_000);
  expect((await signIn(api, email, password, { address: "203.0.113.9", cookies: device })).status).toBe(200);
  expect((await signIn(api, email, password, {})).status).toBe(200);
  // And who is signed in stays so.
  const cookies = home.cookies.map((line) => line.replace(/;.*$/s, ""));
  expect((await api.call("GET", "/me", { cookies })).status).toBe(200);
}, 60_000);

test("hard case 17: one address that tries many accounts is refused, whatever address it claims to have", async () => {
  const api = await open();
  await countTries(api, 50, (index) => ({ email: `user${index}@example.com`, address: "203.0.113.9" }));
  for (let index = 0; index < 20; index += 1) {
    const claimed = `198.51.100.${index}`;
    const tried = await signIn(api, `other${index}@example.com`, password, { address: "203.0.113.9", claimed });
    expect(tried.status).toBe(429);
  }
  expect((await signIn(api, "user001@example.com", password, { address: "198.51.100.77" })).status).toBe(200);
});

test("hard case 17: all addresses of one IPv6 network are one", async () => {
  const api = await open();
  await countTries(api, 50, (index) => ({
    email: `user${index}@example.com`,
    address: `2a00:1450:4001:81c::${index + 1}`,
  }));
  const inside = await signIn(api, "x@example.com", password, { address: "2a00:1450:4001:81c:ffff::1" });
  const beside = await signIn(api, "user001@example.com", password, { address: "2a00:1450:4001:81d::1" });
  expect([inside.status, beside.status]).toEqual([429, 200]);
});

test("hard case 17: an address in other letters, or with another way to write it, is the same account", async () => {
  const api = await open();
  for (const email of [
    "USER001@example.com",
    "User001@Example.COM",
    "user001@EXAMPLE.com",
    "uSER001@example.com",
    "user001@example.com",
  ])
    expect((await signIn(api, email, "a wrong password", { address: "203.0.113.9" })).status).toBe(401);
  expect((await signIn(api, "UsEr001@example.com", password, { address: "203.0.113.9" })).status).toBe(429);
});
