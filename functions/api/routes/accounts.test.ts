// Accounts through the real handler: making one, the password's ways, and how one goes. Mail arrives in the mailbox stand-in.
import { afterEach, describe, expect, test } from "vitest";
import { createApiOpener, origin, type TestApi, type TestResponse } from "../../../simulators/stack/test-api.ts";

const opener = createApiOpener();
afterEach(opener.closeAll);

const browser = { headers: { origin, "x-logwatch-csrf": "1" } };
const password = "plum-quartz-onward-77";
const other = "violet-harbour-lantern-4";

const register = (api: TestApi, name: string, more: Record<string, unknown> = {}) =>
  api.call("POST", "/register", { ...browser, body: { email: `${name}@example.com`, name, password, ...more } });
const signIn = (api: TestApi, name: string, given = password, more: { address?: string; cookies?: string[] } = {}) =>
  api.call("POST", "/sign-in", { ...browser, ...more, body: { email: `${name}@example.com`, password: given } });
const jarOf = ({ cookies }: TestResponse): string[] => cookies.map((line) => line.replace(/;.*$/s, ""));
const as = (response: TestResponse) => ({ ...browser, cookies: jarOf(response) });
const tokenIn = (api: TestApi): string => /#token=([\w-]+)/.exec(api.mailbox.messages()[0]?.html ?? "")?.[1] ?? "";
const actions = async (api: TestApi): Promise<string[]> =>
  (await api.storage.audit.list({ limit: 100 })).map(({ action }) => action).reverse();

describe("making an account", () => {
  test("the first is the admin, the next is none, and both are signed in", async () => {
    const api = await opener.open();
    const first = await register(api, "a");
    expect(first).toMatchObject({ status: 201, body: { email: "a@example.com", role: "admin" } });
    const second = await register(api, "b");
    expect(second.body).toMatchObject({ role: "user" });
    expect((await api.call("GET", "/me", as(second))).body).toMatchObject({
      name: "b",
      via: "session",
      scope: "write",
    });
    expect(await register(api, "B")).toMatchObject({
      status: 409,
      body: { type: "urn:logwatch:problem:address-taken" },
    });
    expect(await actions(api)).toEqual(["account.registered", "account.registered"]);
  });

  test.each([
    ["a weak password", { password: "passwordpassword1" }, 422, "body.password"],
    ["a short one", { password: "x7!kQ" }, 422, "body.password"],
    ["73 bytes", { password: `${password.repeat(4).slice(0, 73)}` }, 422, "body.password"],
    ["one's own name", { password: "w w w w w w w w", name: "w" }, 422, "body.password"],
    ["no address", { email: "nobody" }, 400, "body.email"],
    ["a role of one's own choice", { role: "admin" }, 400, "body.role"],
    ["an id of one's own choice", { id: "x" }, 400, "body.id"],
    ["a name of two lines", { name: "a\r\nBcc: b" }, 400, "body.name"],
  ])("%s is refused by its path", async (_, more, status, path) => {
    const api = await opener.open();
    const response = await register(api, "a", more);
    expect(response).toMatchObject({ status, body: { errors: [{ path }] } });
    expect(await api.storage.users.list({ limit: 1 })).toEqual([]);
  });

  test("where it is closed, an empty instance takes one account and no second, also of two at once", async () => {
    const api = await opener.open({ REGISTRATION: "closed" });
    const both = await Promise.all([register(api, "a"), register(api, "b")]);
    expect(both.map(({ status }) => status).sort()).toEqual([201, 403]);
    expect(await register(api, "c")).toMatchObject({ status: 403 });
  });

  test("an invitation lets its own address in, once", async () => {
    const api = await opener.open({ REGISTRATION: "invite" });
    const admin = as(await register(api, "admin"));
    expect(await register(api, "user002")).toMatchObject({ status: 403 });
    const invited = await api.call("POST", "/invitations", { ...admin, body: { email: "User002@example.com" } });
    expect(invited).toMatchObject({ status: 201, body: { email: "user002@example.com", sent: true } });
    const invitation = tokenIn(api);
    expect(await register(api, "user003", { invitation })).toMatchObject({ status: 422 });
    expect(await register(api, "user002", { invitation })).toMatchObject({ status: 201, body: { role: "user" } });
    await api.db.execute("DELETE FROM users WHERE email = 'user002@example.com'");
    expect(await register(api, "user002", { invitation })).toMatchObject({ status: 422 });
    expect(await actions(api)).toEqual(["account.registered", "user.invited", "account.registered"]);
  });

  test("twenty an hour from one address", async () => {
    const api = await opener.open({ REGISTRATION: "closed" });
    for (let tries = 0; tries < 20; tries += 1) await register(api, "a", { password: "short" });
    expect(await register(api, "a")).toMatchObject({ status: 429 });
  });
});

describe("a new password", () => {
  test("changed with the old one, every earlier session is dead and this browser has a new one", async () => {
    const api = await opener.open();
    const first = as(await register(api, "a"));
    const second = as(await signIn(api, "a"));
    const wrong = { currentPassword: other, newPassword: other };
    expect(await api.call("POST", "/me/password", { ...first, body: wrong })).toMatchObject({
      status: 422,
      body: { errors: [{ path: "body.currentPassword" }] },
    });
    const same = { currentPassword: password, newPassword: password };
    expect(await api.call("POST", "/me/password", { ...first, body: same })).toMatchObject({ status: 422 });
    // Both are in Redis, too.
    for (const jar of [first, second]) expect((await api.call("GET", "/me", jar)).status).toBe(200);
    const changed = await api.call("POST", "/me/password", { ...first, body: { ...same, newPassword: other } });
    expect(changed.status).toBe(204);
    for (const jar of [first, second]) expect((await api.call("GET", "/me", jar)).status).toBe(401);
    expect((await api.call("GET", "/me", as(changed))).status).toBe(200);
    expect((await signIn(api, "a")).status).toBe(401);
    expect((await signIn(api, "a", other)).status).toBe(200);
    expect(await actions(api)).toContain("password.changed");
  });

  test("forgotten: one mail, one use, 30 minutes, and every session is dead", async () => {
    const api = await opener.open();
    const session = as(await register(api, "a"));
    expect(
      await api.call("POST", "/forgotten-password", { ...browser, body: { email: "A@example.com" } }),
    ).toMatchObject({
      status: 202,
      text: "",
    });
    const token = tokenIn(api);
    expect(token).toHaveLength(43);
    expect(JSON.stringify(api.published)).not.toContain(token);
    expect((await api.db.execute("SELECT token_hash FROM mail_tokens")).rows).not.toMatchObject([
      { token_hash: token },
    ]);
    const reset = (newPassword: string, given = token) =>
      api.call("POST", "/reset-password", { ...browser, body: { token: given, newPassword } });
    // A password that is not taken does not use the token up.
    expect(await reset("passwordpassword")).toMatchObject({
      status: 422,
      body: { errors: [{ path: "body.newPassword" }] },
    });
    const done = await Promise.all([reset(other), reset(other)]);
    expect(done.map(({ status }) => status).sort()).toEqual([204, 422]);
    expect((await api.call("GET", "/me", session)).status).toBe(401);
    expect(await reset(other)).toMatchObject({ status: 422, body: { errors: [{ path: "body.token" }] } });
    expect((await signIn(api, "a", other)).status).toBe(200);
    await api.call("POST", "/forgotten-password", { ...browser, body: { email: "a@example.com" } });
    const late = tokenIn(api);
    expect(late).not.toBe(token);
    api.clock.now += 30 * 60_000;
    expect(await reset(password, late)).toMatchObject({ status: 422 });
    expect(await actions(api)).toEqual([
      "account.registered",
      "password.forgotten",
      "password.reset",
      "session.started",
      "password.forgotten",
    ]);
  });

  test("forgotten: the same answer in the same time whether there is an account, a disabled one, or a provider that fails", async () => {
    const api = await opener.open();
    await register(api, "admin");
    await register(api, "a");
    await register(api, "off");
    const off = await api.storage.users.findByEmail("off@example.com");
    await api.storage.users.update(off?.id ?? "", 1, { state: "disabled" }, 1);
    const timed = async (name: string) => {
      const begun = performance.now();
      const { status, text, cookies } = await api.call("POST", "/forgotten-password", {
        ...browser,
        body: { email: `${name}@example.com` },
      });
      return { answer: { status, text, cookies }, ms: performance.now() - begun };
    };
    const answers = [await timed("a"), await timed("nobody"), await timed("off")];
    expect(new Set(answers.map(({ answer }) => JSON.stringify(answer))).size).toBe(1);
    const times = answers.map(({ ms }) => ms);
    expect(Math.max(...times) - Math.min(...times)).toBeLessThan(150);
    expect(api.mailbox.messages()).toHaveLength(1);
  });

  test("forgotten: an account gets three mails an hour, and nobody is told", async () => {
    const api = await opener.open();
    await register(api, "a");
    const ask = (address: string) =>
      api.call("POST", "/forgotten-password", { ...browser, address, body: { email: "a@example.com" } });
    const asked = await Promise.all(["192.0.2.1", "192.0.2.2", "192.0.2.3", "192.0.2.4", "192.0.2.5"].map(ask));
    expect(asked.map(({ status }) => status)).toEqual([202, 202, 202, 202, 202]);
    expect(api.mailbox.messages()).toHaveLength(3);
  });
});

describe("my account", () => {
  test("its name changes on the version it was read at, and nothing else of it", async () => {
    const api = await opener.open();
    const session = as(await register(api, "a"));
    const put = (body: unknown, version: string) =>
      api.call("PUT", "/me", { ...session, body, headers: { ...session.headers, "if-match": version } });
    expect(await put({ name: "New" }, '"v1"')).toMatchObject({ status: 200, body: { name: "New", version: 2 } });
    expect((await api.call("GET", "/me", session)).body).toMatchObject({ name: "New" });
    expect(await put({ name: "Late" }, '"v1"')).toMatchObject({ status: 412, body: { current: { name: "New" } } });
    for (const field of ["role", "id", "email", "createdAt", "version"]) {
      expect(await put({ name: "x", [field]: "admin" }, "*")).toMatchObject({ status: 400 });
    }
  });

  test("no answer, log line or entry holds a password or its hash", async () => {
    const api = await opener.open();
    const seen = [await register(api, "a"), await signIn(api, "a"), await signIn(api, "a", other)];
    const texts = [...seen.map(({ text }) => text), JSON.stringify(api.logged)];
    texts.push(JSON.stringify(await api.storage.audit.list({ limit: 10 })));
    for (const text of texts) expect(text).not.toMatch(/plum-quartz|violet-harbour|\$2b\$/);
  });
});
