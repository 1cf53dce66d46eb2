// What went wrong when Graylog was called, as a failure with its kind: from a broken connection, from an HTTP status,
// or from the errors inside an answer that says 200.
import type { Failure } from "@logwatch/events";
import type { EgressAnswer } from "../lib/egress-call.ts";
import { type EgressFailure, isForbidden } from "../lib/egress-failure.ts";

/** A failure of one call, and how long the server asked us to wait. */
export type CallFailure = Failure & { afterMs?: number };

export const unreachable = (message: string, retryable: boolean): Failure => ({
  kind: "unreachable",
  message,
  retryable,
});

/** `signal` tells our own time-out from the caller's abort. */
export const callFailure = (failure: EgressFailure, host: string, signal: AbortSignal): CallFailure => {
  if (signal.aborted) {
    const own = signal.reason instanceof Error && signal.reason.name === "TimeoutError";
    const message = own ? `${host} did not answer in time.` : "The question was given up before it was answered.";
    return { kind: "timeout", message, retryable: true };
  }
  const { message, retryable } = failure;
  if (isForbidden(failure)) return { kind: "refused", message, retryable };
  return { kind: failure.kind === "timeout" ? "timeout" : "unreachable", message, retryable };
};

/** From an HTTP answer other than 200. */
export const answerFailure = (
  { status, headers, body }: EgressAnswer,
  host: string,
  { isToken, masked }: { isToken: boolean; masked: (text: string) => string },
): CallFailure => {
  const said = spoken(body, masked);
  if (status === 401) {
    const reason = isToken
      ? "this token is wrong or has expired (tokens last 30 days unless set otherwise)"
      : "the user or the password is wrong, or the account has expired";
    return refused(`${host} refused the sign-in (401): ${reason}.`);
  }
  if (status === 403) {
    const who = isToken ? "this token" : "this user";
    return refused(
      `${host} does not let ${who} read what was asked (403): share the streams with ${isToken ? "its user" : "them"}.${said}`,
    );
  }
  if (status === 429 || status === 408 || status >= 500 || saysOverloaded(body)) {
    const afterMs = retryAfter(headers["retry-after"]);
    const failure: Failure = {
      kind: "overloaded",
      message: `${host} is overloaded (HTTP ${status}).${said}`,
      retryable: true,
    };
    return afterMs === undefined ? failure : { ...failure, afterMs };
  }
  if ([400, 413, 415, 422].includes(status)) {
    return { kind: "bad-query", message: `${host} rejects the question (HTTP ${status}).${said}`, retryable: false };
  }
  return unreachable(`${host} is not answering as Graylog does (HTTP ${status}); is the address right?`, false);
};

/** From the errors inside a search that was answered with 200. */
export const searchFailure = (descriptions: readonly string[]): Failure => {
  const text = descriptions.join(" ");
  return saysOverloaded(text)
    ? { kind: "overloaded", message: `Graylog's log store is overloaded.${spoken(text)}`, retryable: true }
    : { kind: "bad-query", message: `Graylog could not answer.${spoken(text)}`, retryable: false };
};

/** The log store's way of saying that the query is wrong, or that it is itself broken: it does not tell which. */
export const saysNothing = (message: string): boolean => message.includes("all shards failed");

const refused = (message: string): Failure => ({ kind: "refused", message, retryable: false });

const saysOverloaded = (text: string): boolean =>
  /rejected_execution|circuit_breaking|too_many_requests|no_shard_available|cluster_block/i.test(text);

/** The server's own words, cut short and on one line: they may hold anything. */
const spoken = (text: string, masked = (words: string) => words): string => {
  const said = /"message"\s*:\s*("(?:[^"\\]|\\.)*")/.exec(text)?.[1];
  const words = said === undefined ? text : unquoted(said);
  const line = masked(words)
    .replace(/[\p{Cc}\p{Cf}\s]+/gu, " ")
    .trim();
  return line === "" || line.startsWith("<") ? "" : ` It says: ${line.length > 300 ? `${line.slice(0, 300)}…` : line}`;
};

const unquoted = (literal: string): string => {
  try {
    return String(JSON.parse(literal));
  } catch {
    return literal;
  }
};

/** Retry-After is a number of seconds or a date. */
const retryAfter = (header: string | string[] | undefined): number | undefined => {
  if (typeof header !== "string") return undefined;
  const ms = /^\d+$/.test(header) ? Number(header) * 1000 : Date.parse(header) - Date.now();
  return Number.isFinite(ms) ? Math.max(0, ms) : undefined;
};
