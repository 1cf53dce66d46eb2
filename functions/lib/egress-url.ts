// Reads an address that a user gave, strictly: only what every reader of URLs understands alike gets through. Text in; the host in
// ASCII, its port and scheme out. Nothing is looked up.
import { parseAddress } from "./address.ts";
import type { EgressFailure, EgressKind } from "./egress-failure.ts";
import type { Scheme } from "./egress-policy.ts";
import { fail, ok, type Result } from "./result.ts";

/** `host` has no brackets; `literal` tells that it is an address, not a name. `shown` is for messages. */
export type Target = { url: URL; scheme: Scheme; host: string; port: number; isLiteral: boolean; shown: string };

const maxLength = 2048;
const defaultPorts: Readonly<Record<Scheme, number>> = { https: 443, http: 80 };

export const readTarget = (text: string): Result<Target, EgressFailure> => {
  if (text.length > maxLength) return refused("bad-url", `The address is longer than ${maxLength} characters.`);
  // A URL reader drops line ends and tabs without a word, and takes a backslash for a slash.
  if (/[\p{C}\p{Z}\\]/u.test(text)) {
    return refused("bad-url", "The address has blanks, control characters or backslashes in it.");
  }
  const [, scheme = "", authority = ""] = /^([a-z][a-z0-9+.-]*):\/\/([^/?#]+)/i.exec(text) ?? [];
  if (/^[a-z][a-z0-9+.-]*:/i.test(text) && !/^https?:/i.test(text)) {
    return refused("bad-scheme", "Only addresses with https (or http) can be called.");
  }
  if (scheme === "") return refused("bad-url", "The address is not one such as https://logs.example.com.");
  if (authority.includes("@")) {
    return refused("credentials-in-url", "The address must not contain a user or password.");
  }
  return targetOf(text);
};

const targetOf = (text: string): Result<Target, EgressFailure> => {
  if (!URL.canParse(text)) return refused("bad-url", "The address cannot be read: its host or port is not right.");
  const url = new URL(text);
  const scheme = url.protocol === "https:" ? "https" : "http";
  const host = url.hostname.replace(/^\[(.*)\]$/, "$1");
  const port = url.port === "" ? defaultPorts[scheme] : Number(url.port);
  if (host.endsWith(".")) return refused("bad-url", "The address's host must not end with a dot.");
  const isLiteral = parseAddress(host) !== undefined;
  if (!isLiteral && !isName(host)) return refused("bad-url", "The address's host is not a proper name.");
  if (port === 0) return refused("bad-url", "The address's port must not be 0.");
  return ok({ url, scheme, host, port, isLiteral, shown: url.host });
};

/** RFC 1035's lengths, and an underscore, which some networks use. */
const isName = (host: string): boolean =>
  host.length <= 253 && host.split(".").every((label) => /^[a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?$/.test(label));

const refused = (kind: EgressKind, message: string): Result<never, EgressFailure> =>
  fail({ kind, message, retryable: false });
