// What a request's cookies say, and what another host of the same site cannot make them say.
import { expect, test } from "vitest";
import { readCookies } from "./read-cookies.ts";

const plain = (...cookies: string[]) => ({ ...readCookies(cookies) });

test("cookies are read by name, without the blanks around them", () => {
  expect(plain("a=1", " b = 2 ", "c=x=y", "empty=")).toEqual({ a: "1", b: "2", c: "x=y", empty: "" });
});

test("one that stands twice is left out, and what is no cookie too", () => {
  expect(plain("a=1", "b=2", "a=3", "a=1")).toEqual({ b: "2" });
  expect(plain("", "=", "=x", "name", " =x")).toEqual({});
});

test.each(["\u00a0", "\u0085", "\u2000", "\u3000", "\ufeff", "\v", "\f"])(
  "a name behind a blank that browsers do not know as one (%j) is not ours",
  (blank) => {
    expect(plain(`${blank}__Host-logwatch=forged`)).not.toHaveProperty("__Host-logwatch");
    expect(plain(`__Host-logwatch${blank}=forged`, "__Host-logwatch=right")).toHaveProperty("__Host-logwatch", "right");
  },
);

test("names of prototypes are names", () => {
  expect(Object.entries(readCookies(["__proto__=1", "constructor=2"]))).toEqual([
    ["__proto__", "1"],
    ["constructor", "2"],
  ]);
});

test("a long run of blanks takes no time", () => {
  const begun = performance.now();
  readCookies([`a${" ".repeat(100_000)}b`, `a=${" ".repeat(100_000)}b${" ".repeat(100_000)}c`]);
  expect(performance.now() - begun).toBeLessThan(200);
});
