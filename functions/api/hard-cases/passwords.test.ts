// Hard case 15, by every route that takes a new password. What is a password at all: passwords.test.ts of the core.
import { dictionary } from "@zxcvbn-ts/language-common";
import { afterEach, expect, test } from "vitest";
import { createApiOpener, origin, start, type TestApi } from "../../../simulators/stack/test-api.ts";
import { newSecret, secretHash } from "../../storage/sessions-secret.ts";
import { passwordProblem } from "../passwords.ts";

const opener = createApiOpener();
afterEach(opener.closeAll);

const headers = { origin, "x-logwatch-csrf": "1" };
const good = "plum-quartz-onward-77";
const email = "user001@example.com";

const register = (api: TestApi, password: unknown) =>
  api.call("POST", "/register", { headers, body: { email, name: "User001", password } });
const signIn = (api: TestApi, password: unknown, address = "192.0.2.1") =>
  api.call("POST", "/sign-in", { headers, body: { email, password }, address });

type Set = (password: unknown) => ReturnType<TestApi["call"]>;

/** Each way to set a password: what refuses one leaves it open for the next. */
const ways: [string, (api: TestApi) => Promise<Set>][] = [
  ["register", async (api) => (password) => register(api, password)],
  [
    "changePassword",
    async (api) => {
      const session = await register(api, good);
      const cookies = session.cookies.map((line) => line.replace(/;.*$/s, ""));
      return (newPassword) =>
        api.call("POST", "/me/password", { headers, cookies, body: { currentPassword: good, newPassword } });
    },
  ],
  [
    "resetPassword",
    async (api) => {
      const { user } = await api.user("user001");
      const token = newSecret();
      const facts = { purpose: "reset", subject: user.id, createdAt: start, expiresAt: start + 1 } as const;
      await api.storage.mailTokens.issue({ ...facts, tokenHash: secretHash(token) });
      return (newPassword) => api.call("POST", "/reset-password", { headers, body: { token, newPassword } });
    },
  ],
];

const bad: [string, unknown][] = [
  ["14 characters", "k9!vPz3#qLw8@t"],
  ["73 bytes", good.repeat(4).slice(0, 73)],
  ["64 emoji of four bytes", "\u{1f600}".repeat(64)],
  [
    "19 emoji, which are 76 bytes",
    "\u{1f680}\u{1f30d}\u{1f335}\u{1f3b7}\u{1f9e9}\u{1f4a1}\u{1f419}".repeat(3).slice(0, 38),
  ],
  ["a NUL inside", `${good}\u0000${good}`],
  ["a NUL at its end", `${good}\u0000`],
  ["1,000,000 bytes", "x".repeat(1_000_000)],
  ["900,000 bytes", "x".repeat(900_000)],
  ["a common one", "passwordpassword"],
  ["one's own address", email],
  ["no text", 123_456_789_012_345],
  ["a list of texts", [good]],
];

test.each(ways)(
  "hard case 15: %s refuses what is no password, and keeps nothing of it",
  async (_, open) => {
    const api = await opener.open();
    const set = await open(api);
    const before = await api.storage.users.findByEmail(email);
    for (const [what, password] of bad) {
      // Tries are limited, too; here they are not what is tested.
      await api.redis.flushall();
      const { status, text } = await set(password);
      expect([what, [400, 413, 422].includes(status)]).toEqual([what, true]);
      if (typeof password === "string") expect(text).not.toContain(password.slice(0, 100));
      expect([what, await api.storage.users.findByEmail(email)]).toEqual([what, before]);
    }
    await api.redis.flushall();
    expect((await set("violet-harbour-lantern-4")).status).toBeLessThan(300);
  },
  60_000,
);

test("hard case 15: two passwords that differ in their 73rd byte are both refused, also at sign-in", async () => {
  const api = await opener.open();
  const head = "k9!vPz3#qLw8@tRx".repeat(5).slice(0, 72);
  expect((await register(api, head)).status).toBe(201);
  expect((await signIn(api, head)).status).toBe(200);
  for (const more of ["X", "Y", "\u0000"]) expect((await signIn(api, `${head}${more}`)).status).toBe(401);
});

test("hard case 15: composed or decomposed, it is the same password; with a blank more it is another", async () => {
  const api = await opener.open();
  const composed = "caf\u00e9 stra\u00dfe am flu\u00df 91";
  expect((await register(api, composed)).status).toBe(201);
  for (const same of [composed, composed.normalize("NFD"), composed.normalize("NFC")])
    expect((await signIn(api, same)).status).toBe(200);
  for (const other of [
    `${composed} `,
    ` ${composed}`,
    composed.toUpperCase(),
    composed.normalize("NFKD").replace("\u0301", ""),
  ])
    expect((await signIn(api, other)).status).toBe(401);
});

test("hard case 15: a megabyte at sign-in costs no more than any wrong password", async () => {
  const api = await opener.open();
  expect((await register(api, good)).status).toBe(201);
  const timed = async (password: string) => {
    const begun = performance.now();
    const { status } = await signIn(api, password);
    return { status, ms: performance.now() - begun };
  };
  const wrong = await timed("violet-harbour-lantern-4");
  const large = await timed("x".repeat(900_000));
  const larger = await timed("x".repeat(10_000_000));
  expect([wrong.status, large.status, larger.status]).toEqual([401, 400, 413]);
  expect(Math.max(large.ms, larger.ms)).toBeLessThan(wrong.ms * 2);
});

test("hard case 15: of the 3,000 most common passwords none passes, nor doubled until it is long enough", async () => {
  const common = dictionary["passwords-common"].slice(0, 3_000);
  expect(common).toHaveLength(3_000);
  const passed: string[] = [];
  for (const word of common) {
    const long = word.repeat(Math.ceil(15 / word.length)).slice(0, 70);
    for (const text of [word, long]) if ((await passwordProblem(text, [])) === undefined) passed.push(text);
  }
  expect(passed).toEqual([]);
}, 60_000);
