// By what requests are counted, and how somebody is told that there were too many.
import { createHash } from "node:crypto";
import { parseAddress } from "../lib/address.ts";
import { type Refusal, refuse } from "./refusal.ts";

const digestLetters = 32;

/** In place of an address or an e-mail address: keys tell nobody who calls. */
export const digestOf = (text: string): string =>
  createHash("sha256").update(text).digest("hex").slice(0, digestLetters);

/** An IPv4 address; of IPv6 the /64, as whoever has one address of it has all. */
export const networkOf = (text: string): string => {
  const address = parseAddress(text);
  if (!address) return text;
  return address.version === 4 ? `4/${address.bits}` : `6/${address.bits >> 64n}`;
};

/** `waitMs`: until the next is taken; 0 when this one was. */
export const tooMany = (waitMs: number): Refusal | undefined => {
  if (waitMs === 0) return undefined;
  const seconds = Math.max(1, Math.ceil(waitMs / 1_000));
  return refuse(429, "too-many", `Too many requests of this kind. Try again in ${seconds} s.`, {
    headers: { "retry-after": String(seconds) },
  });
};
