// HTTP to one Graylog server. In: a path and a body. Out: JSON that fits a schema, or a failure with its kind.
// The one place that times out and tries again; nobody around it does.
import { setTimeout as sleep } from "node:timers/promises";
import type { Failure } from "@logwatch/events";
import type * as z from "zod";
import type { GuardedFetch } from "../lib/egress.ts";
import type { EgressAnswer } from "../lib/egress-call.ts";
import { fail, ok, type Result } from "../lib/result.ts";
import { answerFailure, type CallFailure, callFailure, unreachable } from "./graylog-failure.ts";

export type GraylogAccess = {
  url: string;
  /** User and password; a token is a user name with the password `token`. */
  username: string;
  password: string;
  timeoutMs: number;
  retries: number;
  fetch: GuardedFetch;
};

export type GraylogCall = { method: "GET" | "POST"; path: string; body?: unknown };

/** One conversation: its calls share one time-out and one budget of retries. */
export type Converse = <Schema extends z.ZodType>(
  call: GraylogCall,
  answer: Schema,
  /** Finds a failure inside an answer that says 200. */
  problemOf?: (answer: z.output<Schema>) => Failure | undefined,
) => Promise<Result<z.output<Schema>, Failure>>;

/** 500 messages of 64 KiB, or 100,000 groups: more is never asked for. */
const maxBodyBytes = 32 * 1024 * 1024;
/** Long enough for a connection to be made again, short beside any time-out. */
const retryAfterMs = 100;

export const graylogClient =
  (access: GraylogAccess) =>
  (signal: AbortSignal): Converse => {
    const deadline = Date.now() + access.timeoutMs;
    const within = endedBy(signal, access.timeoutMs);
    let retriesLeft = access.retries;
    return async (call, answer, problemOf = () => undefined) => {
      for (;;) {
        const result = parsed(answer, await attempt(access, call, within), problemOf, access);
        if (result.ok) return result;
        const { afterMs = retryAfterMs * (1 + 2 * Math.random()), ...failure } = result.error;
        const worthwhile = failure.retryable && failure.kind !== "timeout" && Date.now() + afterMs < deadline;
        if (!worthwhile || retriesLeft === 0) return fail(failure);
        retriesLeft -= 1;
        if (!(await waited(afterMs, within))) return fail(failure);
      }
    };
  };

/**
 * A signal that fires with the caller's, or after `limitMs`. Not AbortSignal.any with AbortSignal.timeout: on Node 20 nobody holds
 * such a pair, and once it is collected a server that never answers is waited for without end.
 */
const endedBy = (outer: AbortSignal, limitMs: number): AbortSignal => {
  const ended = new AbortController();
  const timer = setTimeout(() => ended.abort(new DOMException("The time is over.", "TimeoutError")), limitMs);
  // It ends a conversation; it keeps no process alive.
  timer.unref();
  const end = () => ended.abort(outer.reason);
  if (outer.aborted) end();
  else outer.addEventListener("abort", end, { once: true });
  return ended.signal;
};

const attempt = async (
  access: GraylogAccess,
  { method, path, body }: GraylogCall,
  signal: AbortSignal,
): Promise<Result<unknown, CallFailure>> => {
  const { host } = new URL(access.url);
  const given = await access.fetch(`${access.url}/api/${path}`, {
    method,
    headers: headers(access, body !== undefined),
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    maxBodyBytes,
    signal,
  });
  if (!given.ok) return fail(callFailure(given.error, host, signal));
  if (given.value.isCut) return fail(tooLarge);
  if (given.value.status !== 200) {
    return fail(answerFailure(given.value, host, { isToken: isToken(access), masked: maskedFor(access) }));
  }
  return json(given.value, host);
};

const headers = ({ username, password }: GraylogAccess, hasBody: boolean): Record<string, string> => ({
  accept: "application/json",
  authorization: `Basic ${Buffer.from(`${username}:${password}`, "utf8").toString("base64")}`,
  // Graylog refuses every POST without it: its guard against forged requests.
  "x-requested-by": "logwatch",
  ...(hasBody ? { "content-type": "application/json" } : {}),
});

const tooLarge: CallFailure = {
  kind: "bad-query",
  message: `Graylog's answer is larger than ${maxBodyBytes / 1024 / 1024} MiB; ask for fewer groups or messages.`,
  retryable: false,
};

/** A 200 that is not JSON is no answer: an unknown path gives the web page, a proxy its own, a cut connection a part. */
const json = ({ headers, body }: EgressAnswer, host: string): Result<unknown, CallFailure> => {
  if (!/^application\/json\b/i.test(String(headers["content-type"]))) {
    return fail(unreachable(`${host} answered with a page instead of Graylog's JSON; is the address right?`, true));
  }
  try {
    return ok(JSON.parse(body));
  } catch {
    return fail(unreachable(`${host} sent JSON that is cut off or broken.`, true));
  }
};

const parsed = <Schema extends z.ZodType>(
  answer: Schema,
  given: Result<unknown, CallFailure>,
  problemOf: (answer: z.output<Schema>) => Failure | undefined,
  access: GraylogAccess,
): Result<z.output<Schema>, CallFailure> => {
  if (!given.ok) return given;
  const read = answer.safeParse(given.value);
  if (read.success) {
    const problem = problemOf(read.data);
    return problem ? fail({ ...problem, message: maskedFor(access)(problem.message) }) : ok(read.data);
  }
  const path = read.error.issues[0]?.path.join(".") ?? "";
  const where = path === "" ? "" : ` (at ${path})`;
  return fail(
    unreachable(`${new URL(access.url).host} answered in a shape that Graylog does not have${where}.`, false),
  );
};

/** False when the time-out or the caller ended the wait. */
const waited = async (ms: number, signal: AbortSignal): Promise<boolean> => {
  try {
    await sleep(ms, undefined, { signal });
    return true;
  } catch (error) {
    if (signal.aborted) return false;
    throw error;
  }
};

const isToken = ({ password }: GraylogAccess): boolean => password === "token";

/** A server may echo what it was sent; what it says reaches pages and mails. */
const maskedFor =
  (access: GraylogAccess) =>
  (text: string): string => {
    const { username, password } = access;
    const basic = Buffer.from(`${username}:${password}`, "utf8").toString("base64");
    return text.replaceAll(basic, "***").replaceAll(isToken(access) ? username : password, "***");
  };
