// Passwords: which are taken, and that comparing tells nothing but right or wrong. Hard case 15.
import { expect, test } from "vitest";
import { hashPassword, passwordProblem, verifyPassword } from "./passwords.ts";

const about = ["user001.team@example.com", "User001 Team"];
const problem = (password: string) => passwordProblem(password, about);
const good = "plum-quartz-onward-77";

test.each([
  good,
  "correct horse battery staple",
  "wanderlust teapot gravity",
  "k9!vPz3#qLw8@tRx",
  "8f3a9c1e7b2d4056aa91",
  "лист падает на воду",
  "\u{1f600}\u{1f680}\u{1f30d}\u{1f335}\u{1f3b7}\u{1f9e9}\u{1f4a1}\u{1f419}\u{1f34b}\u{1f6f6}\u{1f41d}\u{1f9ed}\u{1f3af}\u{1f40c}\u{1f98a}",
])("%s is taken", async (password) => {
  expect(await problem(password)).toBeUndefined();
});

test.each([
  "passwordpassword",
  "Passwordpassword1!",
  "password123456789",
  "P@ssw0rdP@ssw0rd",
  "qwertyuiopasdfgh",
  "qwertyuiop[]asdfghjkl",
  "aaaaaaaaaaaaaaaaaaaa",
  "abcabcabcabcabcabc",
  "xq7xq7xq7xq7xq7xq7",
  "abcdefghijklmnopqrstuvwxyz",
  "zyxwvutsrqponmlkjihg",
  "123456789012345678",
  "user001.team@example.com",
  "User001Team2024!!!",
  "millermillermiller",
  "monkeydragonmaster",
  "iloveyou1234567890",
  "logwatchlogwatch",
  "Summer2024Summer2024",
  "polniypizdec0211",
])("%s is too easy to guess", async (password) => {
  expect(await problem(password)).toMatch(/too easy to guess/);
});

test.each([
  ["14 characters", "k9!vPz3#qLw8@t", /at least 15/],
  ["73 bytes", good.repeat(4).slice(0, 73), /at most 72 bytes/],
  ["64 emoji of four bytes", "\u{1f600}".repeat(64), /at most 72 bytes/],
  ["1 MB", "a".repeat(1_000_000), /at most 72 bytes/],
  ["a NUL inside", `${good}\u0000more`, /NUL/],
  ["half a character", `${good}\ud800`, /well-formed/],
])("refused: %s", async (_, password, words) => {
  expect(await problem(password)).toMatch(words);
  expect(await verifyPassword(password, await hashPassword(good))).toBe("wrong");
});

test("72 bytes are read to the last, and no two longer ones are ever the same", async () => {
  const head = "k9!vPz3#qLw8@tRx".repeat(4).slice(0, 64);
  const hash = await hashPassword(`${head}1234567X`);
  expect(await verifyPassword(`${head}1234567X`, hash)).toBe("right");
  expect(await verifyPassword(`${head}1234567Y`, hash)).toBe("wrong");
  expect(await verifyPassword(`${head}1234567X9`, hash)).toBe("wrong");
});

test("composed and decomposed letters are one password; a blank or a case is not", async () => {
  const composed = "Caf\u00e9 Stra\u00dfe am Fluss";
  const hash = await hashPassword(composed);
  expect(await verifyPassword(composed.normalize("NFD"), hash)).toBe("right");
  expect(await verifyPassword(`${composed} `, hash)).toBe("wrong");
  expect(await verifyPassword(composed.toLowerCase(), hash)).toBe("wrong");
});

test("an unknown account takes as long as a wrong password", async () => {
  const hash = await hashPassword(good);
  const timed = async (of: string | undefined) => {
    const begun = performance.now();
    expect(await verifyPassword("some other password", of)).toBe("wrong");
    return performance.now() - begun;
  };
  const known: number[] = [];
  const unknown: number[] = [];
  for (let round = 0; round < 3; round += 1) {
    known.push(await timed(hash));
    unknown.push(await timed(undefined));
  }
  const [least, other] = [Math.min(...known), Math.min(...unknown)];
  expect(Math.abs(least - other)).toBeLessThan(Math.max(least, other) / 2);
});
