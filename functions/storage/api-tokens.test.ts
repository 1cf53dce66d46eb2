// API tokens and mailed tokens over the SQL stand-in: whose they are, and that what is used up or revoked is gone for everybody.
import { afterEach, expect, test } from "vitest";
import { createStorageOpener } from "../../simulators/cloud/aurora/test-storage.ts";
import { openApiStorage } from "./api-storage.ts";
import { makeUsers } from "./api-storage-samples.ts";
import { maxTokensPerUser, type NewApiToken } from "./api-tokens.ts";
import { isApiToken, newApiToken, newSecret, secretHash, shownPrefix } from "./sessions-secret.ts";

const opener = createStorageOpener();
afterEach(opener.closeAll);

const open = async () => {
  const opened = await opener.open();
  const storage = openApiStorage(opened.db, opened.redis);
  await makeUsers(storage, "a", "b");
  return { ...opened, storage };
};

const apiToken = (id: string, more: Partial<NewApiToken> = {}): NewApiToken => ({
  id,
  tokenHash: `hash-${id}`,
  userId: "id-b",
  name: `Token ${id}`,
  scope: "read",
  prefix: "lw_abcdef",
  createdAt: 1_000,
  expiresAt: null,
  ...more,
});

test("a token acts as its user, in one statement, and says when it was used, to a minute", async () => {
  const { storage, calls } = await open();
  await storage.apiTokens.create(apiToken("1"));
  expect(await storage.apiTokens.find("hash-1", 100_000)).toMatchObject({
    user: { id: "id-b" },
    token: { scope: "read" },
  });
  calls.made = 0;
  await storage.apiTokens.find("hash-1", 159_999);
  expect(calls.made).toBe(1);
  expect(await storage.apiTokens.get("id-b", "1")).toMatchObject({ usedAt: 100_000 });
  await storage.apiTokens.find("hash-1", 160_000);
  expect(await storage.apiTokens.list("id-b")).toMatchObject([{ usedAt: 160_000 }]);
});

test("a revoked or expired token, and one of a disabled user, is nobody's", async () => {
  const { storage } = await open();
  for (const id of ["1", "2", "3"])
    await storage.apiTokens.create(apiToken(id, id === "2" ? { expiresAt: 5_000 } : {}));
  expect(await storage.apiTokens.revoke("id-a", "1")).toBe(false);
  expect(await storage.apiTokens.revoke("id-b", "1")).toBe(true);
  expect(await storage.apiTokens.find("hash-1", 2_000)).toBeUndefined();
  expect(await storage.apiTokens.find("hash-2", 4_999)).toBeDefined();
  expect(await storage.apiTokens.find("hash-2", 5_000)).toBeUndefined();
  await storage.users.update("id-b", 1, { state: "disabled" }, 2_000);
  expect(await storage.apiTokens.find("hash-3", 2_000)).toBeUndefined();
  expect(await storage.apiTokens.forget(6_000, 10)).toBe(1);
});

test("a user has at most a hundred tokens, and somebody who is gone none", async () => {
  const { storage } = await open();
  for (let index = 0; index < maxTokensPerUser; index += 1) await storage.apiTokens.create(apiToken(String(index)));
  expect(await storage.apiTokens.create(apiToken("more"))).toBe(false);
  expect(await storage.apiTokens.create(apiToken("x", { userId: "id-none" }))).toBe(false);
});

test("texts are unlike each other, recognisable, and of 256 bits", () => {
  const texts = Array.from({ length: 200 }, newApiToken);
  expect(new Set(texts).size).toBe(200);
  expect(texts.every(isApiToken)).toBe(true);
  expect(texts.every((text) => text.length === 46 && shownPrefix(text).length === 9)).toBe(true);
  expect(Buffer.from(newSecret(), "base64url")).toHaveLength(32);
  expect(secretHash("a")).toMatch(/^[0-9a-f]{64}$/);
});

const mailed = (tokenHash: string) =>
  ({ tokenHash, purpose: "reset", subject: "id-a", createdAt: 1_000, expiresAt: 5_000 }) as const;

test("a mailed token is taken once, of ten at once by one, for its own purpose and in time", async () => {
  const { storage } = await open();
  await storage.mailTokens.issue(mailed("h"));
  expect(await storage.mailTokens.take("invite", "h", 2_000)).toBeUndefined();
  expect(await storage.mailTokens.take("reset", "h", 5_000)).toBeUndefined();
  expect(await storage.mailTokens.peek("reset", "h", 4_999)).toBe("id-a");
  const taken = await Promise.all(Array.from({ length: 10 }, () => storage.mailTokens.take("reset", "h", 2_000)));
  expect(taken.filter(Boolean)).toEqual(["id-a"]);
  expect(await storage.mailTokens.peek("reset", "h", 2_000)).toBeUndefined();
});

test("a newer mail ends the older one, and nobody else's", async () => {
  const { storage } = await open();
  await storage.mailTokens.issue({ ...mailed("other"), subject: "id-b" });
  await storage.mailTokens.issue(mailed("old"));
  await storage.mailTokens.issue(mailed("new"));
  expect(await storage.mailTokens.peek("reset", "old", 2_000)).toBeUndefined();
  expect(await storage.mailTokens.peek("reset", "new", 2_000)).toBe("id-a");
  await storage.mailTokens.revoke("reset", "id-a");
  expect(await storage.mailTokens.peek("reset", "new", 2_000)).toBeUndefined();
  expect(await storage.mailTokens.peek("reset", "other", 2_000)).toBe("id-b");
  expect(await storage.mailTokens.forget(6_000, 10)).toBe(1);
});
