// Text that came from a log is shown as what it is, and lists have an end.
import type { Message } from "@logwatch/events";
import { expect, it } from "vitest";
import { cut, followable, headline, inert, inertLine, plainText, standing } from "./message-text.ts";

const message: Message = {
  title: "a\r\nb",
  severity: "warning",
  status: "firing",
  lines: ["one", "two", "three"],
  fields: [{ name: "user", value: "root" }],
  examples: ["log line"],
  links: [{ title: "Open", url: "https://example.com" }],
};

it.each([
  ["a\u0000b\u007f\u001b[0m", "a␀b␡␛[0m"],
  ["exe\u202efdp", "exe⟨U+202E⟩fdp"],
  ["a\u200bb\u2028c\u{e0041}", "a⟨U+200B⟩b⟨U+2028⟩c⟨U+E0041⟩"],
  ["\ud800 \udc00 😀", "\ufffd \ufffd 😀"],
  ["a\r\nb\rc\td", "a\nb\nc\td"],
  ["Grüße, 日本, مرحبا", "Grüße, 日本, مرحبا"],
])("%j is written out as %j", (text, shown) => {
  expect(inert(text)).toBe(shown);
});

it("one line stays one line", () => {
  expect(inertLine(" a\r\n\tb\u0085c ")).toBe("a b\ufffdc");
});

it("a cut text says so and keeps whole characters", () => {
  expect(cut("abc", 3)).toBe("abc");
  expect(cut("abcd", 3)).toBe("ab…");
  expect(cut("a😀b", 3)).toBe("a…");
});

it("a resolved alert is headed RESOLVED, any other by its severity", () => {
  expect(headline(message, 100)).toBe("[WARNING] a b");
  expect(headline({ ...message, status: "resolved" }, 100)).toBe("[RESOLVED] a b");
});

it.each([
  ["https://example.com/a b", "https://example.com/a%20b"],
  ["javascript:alert(1)", undefined],
  ["data:text/html,x", undefined],
  ["not a url", undefined],
])("%j is followed as %j", (url, target) => {
  expect(followable(url)).toBe(target);
});

it("what is left out is counted", () => {
  expect(plainText(message, 100, 2)).toBe(
    "warning · firing\n\none\ntwo\n… and 1 more\n\nuser: root\n\nLog lines:\n  log line\n\nOpen: https://example.com",
  );
});

it("a note is its title alone: nothing fires", () => {
  const note: Message = { ...message, title: "A new password", status: "note", severity: "info" };
  expect([headline(note, 100), standing(note)]).toEqual(["A new password", "LogWatch"]);
});
