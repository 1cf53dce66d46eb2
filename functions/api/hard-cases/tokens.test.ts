// Hard case 16. There are no tokens with claims here to be forged: sessions, API tokens and mailed tokens are random texts, looked up
// by their hash. So what is left of the case: a text in the wrong place, one that has ended, one whose user is not what they were.
import { afterAll, beforeEach, describe, expect, test } from "vitest";
import { createApiOpener, type Identity, origin, start, type TestApi } from "../../../simulators/stack/test-api.ts";
import { absoluteMs, idleMs } from "../../storage/sessions.ts";
import { newApiToken, newSecret, secretHash, shownPrefix } from "../../storage/sessions-secret.ts";
import { deviceCookie, sessionCookieName } from "../session-cookie.ts";

const opener = createApiOpener();
afterAll(opener.closeAll);

let api: TestApi;
let admin: Identity;
let user: Identity;
beforeEach(async () => {
  api = await opener.open({ LOGWATCH_REQUESTS_PER_USER: "100000", LOGWATCH_REQUESTS_PER_ADDRESS: "100000" });
  admin = await api.user("admin", "admin");
  user = await api.user("user");
});

const browser = { origin, "x-logwatch-csrf": "1" };
const cookieOf = ({ cookies }: Identity): string => cookies[0]?.split("=")[1] ?? "";
const bearerOf = ({ headers }: Identity): string => headers.authorization?.split(" ")[1] ?? "";
const statusOf = async (as: Partial<Identity>, path = "/me") =>
  (await api.call("GET", path, { headers: as.headers ?? {}, cookies: as.cookies ?? [] })).status;
const asCookie = (text: string) => ({ cookies: [`${sessionCookieName}=${text}`] });
const asBearer = (text: string) => ({ headers: { authorization: `Bearer ${text}` } });
const mail = async (
  purpose: "reset" | "invite" | "confirm-destination",
  subject: string,
  expiresAt = start + 1_000,
) => {
  const token = newSecret();
  await api.storage.mailTokens.issue({ tokenHash: secretHash(token), purpose, subject, createdAt: start, expiresAt });
  return token;
};

test("hard case 16: each kind of token is good in its own place alone", async () => {
  const write = bearerOf(await api.token(user, "write"));
  const reset = await mail("reset", user.user.id);
  const device = deviceCookie({ id: "d", userId: user.user.id, at: start }, api.config.LOGWATCH_SECRETS_KEY);
  expect([await statusOf(asCookie(cookieOf(user))), await statusOf(asBearer(write))]).toEqual([200, 200]);
  expect(await statusOf(asBearer(cookieOf(user)))).toBe(401);
  expect(await statusOf(asCookie(write))).toBe(401);
  for (const place of [asCookie, asBearer]) {
    for (const text of [
      reset,
      user.user.id,
      user.sessionId,
      secretHash(cookieOf(user)),
      secretHash(write),
      shownPrefix(write),
    ])
      expect(await statusOf(place(text))).toBe(401);
    expect(await statusOf(place(/=([^;]*)/.exec(device)?.[1] ?? ""))).toBe(401);
  }
  expect(await statusOf({ cookies: [device.replace(/;.*/s, "")] })).toBe(401);
});

test("hard case 16: a mailed token does what it was mailed for, and nothing else", async () => {
  const newPassword = "plum-quartz-onward-77";
  // Made when they are tried: a newer one of a user ends those before.
  const wrong: [string, () => Promise<string> | string][] = [
    ["an invitation", () => mail("invite", user.user.email)],
    ["an invitation to the user's id", () => mail("invite", user.user.id)],
    ["a destination's", () => mail("confirm-destination", user.user.id)],
    ["a session", () => cookieOf(user)],
    ["an API token", async () => bearerOf(await api.token(user, "write"))],
    ["one that is over since 1 ms", () => mail("reset", user.user.id, start - 1)],
    ["one that ends now", () => mail("reset", user.user.id, start)],
    ["the hash of one", async () => secretHash(await mail("reset", user.user.id))],
  ];
  for (const [what, make] of wrong) {
    const body = { token: await make(), newPassword };
    const { status } = await api.call("POST", "/reset-password", { headers: browser, body });
    expect([what, status]).toEqual([what, 422]);
  }
  expect(await statusOf(user)).toBe(200);
  const token = await mail("reset", user.user.id, start + 1);
  const answered = await api.call("POST", "/reset-password", { headers: browser, body: { token, newPassword } });
  expect(answered.status).toBe(204);
  expect(await statusOf(user)).toBe(401);
});

describe("hard case 16: forged texts are nobody", () => {
  const part = (value: object) => Buffer.from(JSON.stringify(value)).toString("base64url");
  const claims = part({ sub: "admin", role: "admin", aud: "logwatch", nbf: 9e12, exp: 9e12 });
  test.each([
    ["a JWT without a signature", `${part({ alg: "none", typ: "JWT" })}.${claims}.`],
    ["a JWT of another algorithm", `${part({ alg: "HS256", typ: "JWT" })}.${claims}.x`],
    ["a JWT with a key of its choice", `${part({ alg: "HS256", kid: "../../dev/null" })}.${claims}.x`],
    ["a token that nobody made", newApiToken()],
    ["a session that nobody made", newSecret()],
    ["SQL", "lw_'OR'1'='1"],
    ["a very long one", `lw_${"a".repeat(100_000)}`],
    ["an empty one", ""],
    ["a word of JavaScript", "__proto__"],
  ])("%s", async (_, text) => {
    for (const as of [asCookie(text), asBearer(text), { headers: { authorization: text } }])
      expect(await statusOf(as)).toBe(401);
  });

  test("credentials in other schemes, doubled, or in other places", async () => {
    const token = bearerOf(await api.token(user, "write"));
    const basic = Buffer.from(`user@example.com:${token}`).toString("base64");
    for (const authorization of [
      `Basic ${basic}`,
      `Token ${token}`,
      token,
      `Bearer ${token} ${token}`,
      `Bearer ${token}, Bearer x`,
    ])
      expect(await statusOf({ headers: { authorization } })).toBe(401);
    expect(await statusOf({ headers: { "x-api-key": token, "x-authorization": `Bearer ${token}` } })).toBe(401);
    expect((await api.call("GET", `/me?access_token=${token}`)).status).toBe(401);
  });

  test("a wrong token is not helped by a good cookie, and a cookie that stands twice is none", async () => {
    expect(await statusOf({ headers: { authorization: `Bearer ${newApiToken()}` }, cookies: user.cookies })).toBe(401);
    expect(await statusOf({ cookies: [...user.cookies, ...admin.cookies] })).toBe(401);
    expect(await statusOf({ cookies: [...user.cookies, ...user.cookies] })).toBe(401);
  });
});

test("hard case 16: to the millisecond, a session ends after 12 hours unused or 7 days, and a token when it says", async () => {
  const secret = newApiToken();
  const facts = { id: "token", userId: user.user.id, name: "t", scope: "read", prefix: shownPrefix(secret) } as const;
  const expiresAt = start + 1_000;
  await api.storage.apiTokens.create({ ...facts, createdAt: start, expiresAt, tokenHash: secretHash(secret) });
  api.clock.now = expiresAt - 1;
  expect(await statusOf(asBearer(secret))).toBe(200);
  api.clock.now = expiresAt;
  expect(await statusOf(asBearer(secret))).toBe(401);
  api.clock.now = start + idleMs - 1;
  expect(await statusOf(user)).toBe(200);
  const seen = api.clock.now;
  api.clock.now = seen + idleMs;
  expect(await statusOf(user)).toBe(401);
  api.clock.now = start;
  const busy = await api.session(user.user);
  for (let at = start; at < start + absoluteMs; at += idleMs - 1) {
    api.clock.now = at;
    expect(await statusOf(busy)).toBe(200);
  }
  api.clock.now = start + absoluteMs - 1;
  expect(await statusOf(busy)).toBe(200);
  api.clock.now = start + absoluteMs;
  expect(await statusOf(busy)).toBe(401);
});

describe("hard case 16: what is changed of a user counts for every token at once, also for those in use", () => {
  let read: Identity;
  let write: Identity;
  let session: Identity;
  let boss: Identity;
  beforeEach(async () => {
    boss = await api.user("boss", "admin");
    [read, write, session] = [
      await api.token(boss, "read"),
      await api.token(boss, "write"),
      await api.session(boss.user),
    ];
    // Each is in Redis, as far as it gets there.
    for (const one of [read, write, session]) expect(await statusOf(one, "/users")).toBe(200);
  });
  const all = async (path: string) => [
    await statusOf(session, path),
    await statusOf(read, path),
    await statusOf(write, path),
  ];
  const change = (body: object) =>
    api.call("PUT", `/users/${boss.user.id}`, { as: admin, body, headers: { "if-match": "*" } });

  test("from admin to user: sessions end, and tokens are a user's", async () => {
    expect((await change({ role: "user", state: "active" })).status).toBe(200);
    expect(await all("/users")).toEqual([401, 403, 403]);
    expect(await all("/me")).toEqual([401, 200, 200]);
  });

  test("disabled: nothing is good any more", async () => {
    expect((await change({ role: "admin", state: "disabled" })).status).toBe(200);
    expect(await all("/me")).toEqual([401, 401, 401]);
  });

  test("enabled again: sessions stay dead, tokens are good again", async () => {
    await change({ role: "admin", state: "disabled" });
    await change({ role: "admin", state: "active" });
    expect(await all("/users")).toEqual([401, 200, 200]);
  });

  test("removed: nothing is good any more", async () => {
    expect((await api.call("DELETE", `/users/${boss.user.id}`, { as: admin })).status).toBe(204);
    expect(await all("/me")).toEqual([401, 401, 401]);
  });

  test("another password: sessions end, and tokens, which are revoked by themselves, do not", async () => {
    expect(await api.storage.users.update(boss.user.id, boss.user.version, { passwordHash: "another" }, start)).toBe(
      "done",
    );
    expect(await all("/me")).toEqual([401, 200, 200]);
  });

  test("signed out: that session alone", async () => {
    expect((await api.call("POST", "/sign-out", { as: session })).status).toBe(204);
    expect(await all("/me")).toEqual([401, 200, 200]);
  });

  test("revoked: that token alone", async () => {
    const shown = await api.storage.apiTokens.list(boss.user.id);
    const id = shown.find(({ scope }) => scope === "write")?.id;
    expect((await api.call("DELETE", `/tokens/${id}`, { as: session })).status).toBe(204);
    expect(await all("/me")).toEqual([200, 200, 401]);
  });

  test("a token for reading writes nowhere, and none makes another", async () => {
    expect((await api.call("POST", "/sources", { as: read, body: {} })).status).toBe(403);
    for (const as of [read, write])
      expect((await api.call("POST", "/tokens", { as, body: { name: "more", scope: "write" } })).status).toBe(403);
  });
});
