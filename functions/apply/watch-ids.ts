// Apply step: ids from names, so that a file that is applied again speaks of the same things. Pure.
import { createHash } from "node:crypto";
import type { ConfigurationKind } from "../storage/configuration.ts";

/** The id of a thing that a file names. `within`: id of the job whose rule it is. */
export type IdOf = (kind: ConfigurationKind, name: string, within?: string) => string;

/** Derived from the names alone: `demo.failed-logins`, its rule `demo.failed-logins.brute-force`. */
export const derivedIds =
  (watchName: string): IdOf =>
  (_kind, name, within) =>
    `${within ?? slug(watchName)}.${slug(name)}`;

/** Ids stand in addresses and may have 250 signs: a watch, a job and a rule fit. */
const maxSlugChars = 80;
const digestChars = 6;

/**
 * Lower case, words joined by dashes, ASCII only: marks are left out (é: e). Where more than that is lost, a digest of the name
 * tells two names apart that look alike without it.
 */
export const slug = (name: string): string => {
  const plain = name.normalize("NFKD").replace(/\p{M}/gu, "").toLowerCase();
  const words = plain.replace(/[^a-z0-9]+/g, "-").replace(/^-+|-+$/g, "");
  const isWhole = words !== "" && words.length <= maxSlugChars && !/[\p{L}\p{N}]/u.test(plain.replace(/[a-z0-9]/g, ""));
  if (isWhole) return words;
  const same = name.normalize("NFC").toLowerCase();
  const digest = createHash("sha256").update(same).digest("hex").slice(0, digestChars);
  return words === "" ? digest : `${words.slice(0, maxSlugChars - digestChars - 1)}-${digest}`;
};
