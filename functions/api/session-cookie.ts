// The two cookies of a browser: the session's id, and the proof that somebody signed in from here before. Both `__Host-`: only over
// https (a browser counts localhost as such), only this host, never read by a script, never sent from another site.
import * as z from "zod";
import { open, seal } from "../lib/secret.ts";
import { absoluteMs } from "../storage/sessions.ts";

export const sessionCookieName = "__Host-logwatch";
const deviceCookieName = "__Host-logwatch-device";

const attributes = "Path=/; Secure; HttpOnly; SameSite=Strict";
/** A device is forgotten when nobody signed in from it for so long. */
const deviceMs = 180 * 86_400_000;
const secondMs = 1_000;

type Cookies = Readonly<Record<string, string>>;

/** The token of the session; undefined when there is none that could be one. */
export const readSessionCookie = (cookies: Cookies): string | undefined => {
  const token = cookies[sessionCookieName];
  return token !== undefined && /^[\w-]{43}$/.test(token) ? token : undefined;
};

/** Signs a browser in; `token` is the session's secret. */
export const sessionCookie = (token: string): string =>
  `${sessionCookieName}=${token}; Max-Age=${absoluteMs / secondMs}; ${attributes}`;

/** Makes the browser forget its session. */
export const endSessionCookie = (): string => `${sessionCookieName}=; Max-Age=0; ${attributes}`;

/** A device somebody signed in from. `id` is random: its wrong passwords are counted by it. */
export type Device = { id: string; userId: string; at: number };

/** Sealed, so that nobody makes one: it admits to sign-in what an attack on the account would shut out. It signs nobody in. */
export const deviceCookie = (device: Device, key: string): string => {
  const text = seal(JSON.stringify({ ...device, is: "device" }), key);
  return `${deviceCookieName}=${text}; Max-Age=${deviceMs / secondMs}; ${attributes}`;
};

/** Undefined for none, a forged one, one that is too old. */
export const readDeviceCookie = (cookies: Cookies, key: string, now: number): Device | undefined => {
  const text = cookies[deviceCookieName];
  if (text === undefined) return undefined;
  const parsed = deviceSchema.safeParse(opened(text, key));
  if (!parsed.success || now - parsed.data.at > deviceMs) return undefined;
  const { id, userId, at } = parsed.data;
  return { id, userId, at };
};

// Cursors are sealed under the same key; `is` keeps one from passing for the other.
const deviceSchema = z.object({ id: z.string(), userId: z.string(), at: z.number(), is: z.literal("device") });

const opened = (text: string, key: string): unknown => {
  try {
    return JSON.parse(open(text, key));
  } catch {
    // Whatever does not open is no device's; the sign-in goes on as from a new one.
    return undefined;
  }
};
