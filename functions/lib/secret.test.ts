// Secrets at rest: what was sealed opens under its key alone, and nothing of it shows.
import { randomBytes } from "node:crypto";
import { expect, test } from "vitest";
import { open, seal } from "./secret.ts";

const key = randomBytes(32).toString("base64");
const token = "xoxb-öffnen-🔑";

test("what was sealed opens again, and never looks the same twice", () => {
  const [first, second] = [seal(token, key), seal(token, key)];
  expect([open(first, key), open(second, key)]).toEqual([token, token]);
  expect(first).not.toBe(second);
  expect(first).not.toContain(token);
});

test("another key, a changed text and a text that was never sealed do not open, and the error names neither key nor content", () => {
  const sealed = seal(token, key);
  const [version, nonce, text = "", tag] = sealed.split(".");
  const flipped = `${text.startsWith("A") ? "B" : "A"}${text.slice(1)}`;
  const other = randomBytes(32).toString("base64");
  for (const [broken, with_] of [
    [sealed, other],
    [[version, nonce, flipped, tag].join("."), key],
    [[version, nonce, text].join("."), key],
    [[version, nonce, text, tag?.slice(0, 4)].join("."), key],
    [sealed.replace("v1", "v2"), key],
    [token, key],
    ["", key],
  ] as const) {
    expect(() => open(broken, with_)).toThrow(/secret/i);
    expect(() => open(broken, with_)).not.toThrow(token);
  }
});

test("a key of the wrong length is refused", () => {
  expect(() => seal(token, "c2hvcnQ=")).toThrow("32 bytes");
});
