// The cookies of a browser: what they say, and that a forged, borrowed or old one says nothing.
import { expect, test } from "vitest";
import { seal } from "../lib/secret.ts";
import { newSecret } from "../storage/sessions-secret.ts";
import {
  deviceCookie,
  endSessionCookie,
  readDeviceCookie,
  readSessionCookie,
  sessionCookie,
} from "./session-cookie.ts";

const key = Buffer.alloc(32, 1).toString("base64");
const device = { id: "d", userId: "u", at: 1_000 };
const day = 86_400_000;

const jarOf = (line: string): Record<string, string> => {
  const [, name = "", value = ""] = /^([^=]+)=([^;]*)/.exec(line) ?? [];
  return { [name]: value };
};

test("both cookies are for this host alone, over https, and for no script and no other site", () => {
  for (const line of [sessionCookie(newSecret()), endSessionCookie(), deviceCookie(device, key)]) {
    expect(line).toMatch(/^__Host-logwatch/);
    expect(line).toMatch(/; Path=\/; Secure; HttpOnly; SameSite=Strict$/);
    expect(line).not.toMatch(/domain/i);
  }
  expect(endSessionCookie()).toMatch(/=; Max-Age=0;/);
});

test("a session's token comes back as it was; anything else is none", () => {
  const token = newSecret();
  expect(readSessionCookie(jarOf(sessionCookie(token)))).toBe(token);
  for (const text of ["", "x", `${token}x`, token.slice(1), "a b".repeat(20), "__proto__"]) {
    expect(readSessionCookie({ "__Host-logwatch": text })).toBeUndefined();
  }
  expect(readSessionCookie({})).toBeUndefined();
});

test("a device is known for half a year, under our key, and by nothing else that was sealed with it", () => {
  const jar = jarOf(deviceCookie(device, key));
  expect(readDeviceCookie(jar, key, 1_000 + 179 * day)).toEqual(device);
  expect(readDeviceCookie(jar, key, 1_000 + 181 * day)).toBeUndefined();
  expect(readDeviceCookie(jar, Buffer.alloc(32, 2).toString("base64"), 2_000)).toBeUndefined();
  const other = (text: string) => ({ "__Host-logwatch-device": text });
  expect(readDeviceCookie(other(seal(JSON.stringify(["u", "listJobs", 1]), key)), key, 2_000)).toBeUndefined();
  expect(readDeviceCookie(other(seal(JSON.stringify(device), key)), key, 2_000)).toBeUndefined();
  expect(readDeviceCookie(other(seal("not json", key)), key, 2_000)).toBeUndefined();
  expect(readDeviceCookie(other("v1.a.b.c"), key, 2_000)).toBeUndefined();
});
