// Signing in and out through the real handler: hard cases 17 and 18, and every earlier token replayed after each end of a session.
import { afterEach, expect, test } from "vitest";
import { createApiOpener, origin, type TestApi, type TestResponse } from "../../../simulators/stack/test-api.ts";

const opener = createApiOpener();
afterEach(opener.closeAll);

const browser = { headers: { origin, "x-logwatch-csrf": "1" } };
const password = "plum-quartz-onward-77";

type More = { address?: string; cookies?: string[] };
const signIn = (api: TestApi, name: string, given = password, more: More = {}) =>
  api.call("POST", "/sign-in", { ...browser, ...more, body: { email: `${name}@example.com`, password: given } });
const open = async (...names: string[]) => {
  const api = await opener.open();
  for (const name of names) {
    const body = { email: `${name}@example.com`, name, password };
    expect((await api.call("POST", "/register", { ...browser, body })).status).toBe(201);
  }
  return api;
};
const jarOf = ({ cookies }: TestResponse): string[] => cookies.map((line) => line.replace(/;.*$/s, ""));
const as = (response: TestResponse) => ({ ...browser, cookies: jarOf(response) });
const statusOf = async (api: TestApi, response: TestResponse) => (await api.call("GET", "/me", as(response))).status;
const idOf = async (api: TestApi, response: TestResponse): Promise<string> => {
  const { body } = await api.call("GET", "/sessions", as(response));
  return String(body.items?.find(({ current }) => current === true)?.id);
};

test("signing in gives a new session each time, and the browser's earlier one is dead", async () => {
  const api = await open("a");
  const first = await signIn(api, "a");
  expect(first).toMatchObject({ status: 200, body: { email: "a@example.com" } });
  const second = await signIn(api, "a", password, { cookies: jarOf(first) });
  expect(jarOf(second)[0]).not.toBe(jarOf(first)[0]);
  expect([await statusOf(api, first), await statusOf(api, second)]).toEqual([401, 200]);
  // A token somebody else put into the browser is not taken over.
  const fixed = await signIn(api, "a", password, { cookies: [`__Host-logwatch=${"x".repeat(43)}`] });
  expect(jarOf(fixed)[0]).not.toContain("x".repeat(43));
});

test("the cookie's token stands nowhere in the database or Redis", async () => {
  const api = await open("a");
  const session = await signIn(api, "a");
  await statusOf(api, session);
  const [, token = ""] = jarOf(session)[0]?.split("=") ?? [];
  expect(token).toHaveLength(43);
  const rows = await api.db.execute("SELECT * FROM sessions");
  const keys = await api.redis.keys("*");
  const values = await Promise.all(keys.map((key) => api.redis.get(key)));
  expect(JSON.stringify([rows, keys, values])).not.toContain(token);
  expect(keys.some((key) => key.startsWith("session:"))).toBe(true);
});

test("a wrong password, an unknown address and a disabled account answer alike, in the same time", async () => {
  const api = await open("admin", "a", "off");
  const off = await api.storage.users.findByEmail("off@example.com");
  await api.storage.users.update(off?.id ?? "", 1, { state: "disabled" }, 1);
  const timed = async (name: string, given: string) => {
    const begun = performance.now();
    const { status, body, cookies } = await signIn(api, name, given);
    return { ms: performance.now() - begun, shown: JSON.stringify({ status, cookies, ...body, instance: "" }) };
  };
  const answers = [
    await timed("a", "violet-harbour-lantern-4"),
    await timed("nobody", password),
    await timed("off", password),
    await timed("a", "x".repeat(500)),
  ];
  expect(new Set(answers.map(({ shown }) => shown)).size).toBe(1);
  expect(answers[0]?.shown).toContain('"status":401');
  // Each compares one hash: a quarter of a second.
  const times = answers.map(({ ms }) => ms);
  expect(Math.min(...times)).toBeGreaterThan(Math.max(...times) / 2.5);
});

test("after a sign-out the token is nothing, and the others live on", async () => {
  const api = await open("a");
  const [first, second] = [await signIn(api, "a"), await signIn(api, "a")];
  for (const one of [first, second]) expect(await statusOf(api, one)).toBe(200);
  const out = await api.call("POST", "/sign-out", as(first));
  expect(out.status).toBe(204);
  expect(out.cookies[0]).toMatch(/^__Host-logwatch=; Max-Age=0/);
  expect([await statusOf(api, first), await statusOf(api, second)]).toEqual([401, 200]);
});

test("sessions are listed and ended one by one or all but this one, by their user alone", async () => {
  const api = await open("a", "b");
  const [first, second, third] = [await signIn(api, "a"), await signIn(api, "a"), await signIn(api, "a")];
  const stranger = await signIn(api, "b");
  const listed = await api.call("GET", "/sessions?limit=2", as(first));
  expect(listed.body.items).toHaveLength(2);
  const rest = await api.call("GET", `/sessions?cursor=${encodeURIComponent(String(listed.body.next))}`, as(first));
  // The one of the registration is there too.
  expect(rest.body).toMatchObject({ items: [{ address: "192.0.2.1" }, {}], next: null });
  const id = await idOf(api, second);
  expect((await api.call("DELETE", `/sessions/${id}`, as(stranger))).status).toBe(404);
  expect((await api.call("DELETE", `/sessions/${id}`, as(first))).status).toBe(204);
  expect((await api.call("DELETE", `/sessions/${id}`, as(first))).status).toBe(404);
  expect([await statusOf(api, second), await statusOf(api, third)]).toEqual([401, 200]);
  expect((await api.call("POST", "/sessions/revoke-others", as(first))).body).toEqual({ revoked: 2 });
  expect([await statusOf(api, first), await statusOf(api, third), await statusOf(api, stranger)]).toEqual([
    200, 401, 200,
  ]);
});

test("a change of role or state by an admin ends the user's sessions at once", async () => {
  const api = await open("admin", "a");
  const admin = as(await signIn(api, "admin"));
  const user = await api.storage.users.findByEmail("a@example.com");
  const change = (body: unknown) =>
    api.call("PUT", `/users/${user?.id}`, { ...admin, body, headers: { ...admin.headers, "if-match": "*" } });
  for (const body of [
    { role: "admin", state: "active" },
    { role: "user", state: "active" },
    { role: "user", state: "disabled" },
  ]) {
    const session = await signIn(api, "a");
    expect(await statusOf(api, session)).toBe(200);
    expect(await change(body)).toMatchObject({ status: 200, body });
    expect(await statusOf(api, session)).toBe(401);
  }
});

test("a stranger who tries from everywhere shuts out strangers, not the user's own browser", async () => {
  const api = await open("a");
  const home = await signIn(api, "a");
  const device = jarOf(home).filter((line) => line.startsWith("__Host-logwatch-device="));
  for (let index = 0; index < 60; index += 1) {
    // Counted before the password is compared, so the limits can be filled without 60 hashes.
    await openLimitsOf(api, index);
  }
  expect(await signIn(api, "a", password, { address: "203.0.113.9" })).toMatchObject({ status: 429 });
  expect((await signIn(api, "a", password, { address: "203.0.113.9", cookies: device })).status).toBe(200);
  expect((await signIn(api, "a")).status).toBe(200);
});

test("five wrong passwords, then a quarter of an hour's wait, told in `Retry-After`", async () => {
  const api = await open("a");
  for (let tries = 0; tries < 5; tries += 1) {
    expect((await signIn(api, "a", `wrong-${tries}`, { address: "203.0.113.1" })).status).toBe(401);
  }
  const refused = await signIn(api, "a", password, { address: "203.0.113.1" });
  expect(refused.status).toBe(429);
  expect(Number(refused.headers["retry-after"])).toBeGreaterThan(800);
});

test("signing in and out from another site, without our header, or as text is refused", async () => {
  const api = await open("a");
  const session = await signIn(api, "a");
  const body = { email: "a@example.com", password };
  const headers: Record<string, string>[] = [
    {},
    { origin },
    { "x-logwatch-csrf": "1" },
    { origin: "null", "x-logwatch-csrf": "1" },
    { origin: "https://evil.logwatch.example.com", "x-logwatch-csrf": "1" },
  ];
  for (const one of headers) {
    expect((await api.call("POST", "/sign-in", { headers: one, body })).status).toBe(403);
    expect((await api.call("POST", "/sign-out", { headers: one, cookies: jarOf(session) })).status).toBe(403);
  }
  const text = JSON.stringify(body);
  const plain = { ...browser.headers, "content-type": "text/plain" };
  expect((await api.call("POST", "/sign-in", { text, headers: plain })).status).toBe(415);
  expect(await statusOf(api, session)).toBe(200);
});

/** One wrong try from an address of its own. */
const openLimitsOf = async (api: TestApi, index: number): Promise<void> => {
  const { openSignInLimits } = await import("../limits-sign-in.ts");
  const attempt = { email: "a@example.com", address: `198.51.100.${index}`, device: undefined };
  await openSignInLimits(api.redis).take(attempt);
};
