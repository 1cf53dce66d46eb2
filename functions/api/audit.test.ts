// Entries of the audit log: every write has one, whatever it is about, and moments in it can be read.
import { afterAll, expect, test } from "vitest";
import { createApiOpener, type Identity, origin, start, type TestApi } from "../../simulators/stack/test-api.ts";
import { secretHash } from "../storage/sessions-secret.ts";

const opener = createApiOpener();
afterAll(opener.closeAll);

const createSample = (api: TestApi, as: Identity, fields: Record<string, unknown>) => {
  const entry = { at: new Date(start).toISOString(), service: "auth", host: "h", level: 6, message: "hello", fields };
  return api.call("POST", "/sources", { as, body: { name: "sample", kind: "memory", params: { entries: [entry] } } });
};

test("what users name like a moment is no moment: it fails no write, and is told as they wrote it", async () => {
  const api = await opener.open();
  const user = await api.user("user");
  const fields = { createdAt: 1e300, from: 5, to: -1, lookedAt: 8.65e15 };
  const { status, body } = await createSample(api, user, fields);
  expect(status).toBe(201);
  const listed = await api.call("GET", `/audit?objectId=${body.id}`, { as: user });
  expect(listed.body.items).toMatchObject([
    {
      action: "source.created",
      after: { createdAt: "2026-11-22T12:00:00.000Z", params: { entries: [{ fields }] } },
    },
  ]);
});

test("a write whose entry cannot be appended stands in our own log, without what it was about", async () => {
  const api = await opener.open();
  const user = await api.user("user");
  const { services } = api.storage;
  const put = services.put;
  services.put = async (...given) => {
    const done = await put(...given);
    api.faults.add({ target: "aurora", kind: "error", status: 400 });
    return done;
  };
  const { status } = await createSample(api, user, { note: "private" });
  expect([500, 503]).toContain(status);
  expect(api.logged).toContainEqual(
    expect.objectContaining({
      level: "error",
      text: "a write has no entry in the audit log",
      facts: expect.objectContaining({ action: "source.created", actorId: user.user.id, kind: "source" }),
    }),
  );
  expect(JSON.stringify(api.logged)).not.toContain("private");
});

test("who registers, signs in and chooses a new password by mail did that themselves, and can read it", async () => {
  const api = await opener.open();
  const headers = { origin, "x-logwatch-csrf": "1" };
  const [email, password, newPassword] = ["user001@example.com", "plum-quartz-onward-77", "violet-harbour-lantern-4"];
  const send = (path: string, body: object, cookies: string[] = []) =>
    api.call("POST", path, { body, headers, cookies, address: "198.51.100.7" });
  const { body } = await send("/register", { email, name: "User001", password });
  const token = "a-token-of-a-mail";
  const facts = { subject: String(body.id), purpose: "reset", createdAt: start, expiresAt: start + 1000 } as const;
  await api.storage.mailTokens.issue({ ...facts, tokenHash: secretHash(token) });
  expect((await send("/reset-password", { token, newPassword })).status).toBe(204);
  // Somebody else is signed in at this browser.
  const other = await api.user("other");
  const signedIn = await send("/sign-in", { email, password: newPassword }, other.cookies);
  const cookies = signedIn.cookies.map((line) => line.split(";")[0] ?? "");
  const own = await api.call("GET", "/audit", { cookies });
  const deed = { actorId: body.id, actorName: "User001", objectId: body.id, address: "198.51.100.7" };
  expect(own.body.items).toMatchObject(
    ["session.started", "password.reset", "account.registered"].map((action) => ({ ...deed, action })),
  );
  await send("/forgotten-password", { email });
  const [newest] = await api.storage.audit.list({ limit: 1 });
  expect(newest).toMatchObject({ action: "password.forgotten", actorId: "nobody", objectId: body.id });
}, 30_000);
