// The one way out to an address that a user gave: sources and webhooks are called through it, and nothing else is. The address is
// read strictly, its name looked up once, every address it leads to checked, and the connection pinned to what was checked.
import { lookup } from "node:dns/promises";
import { callPinned, type EgressAnswer, type EgressRequest, openAgents } from "./egress-call.ts";
import { connectionFailure, type EgressFailure } from "./egress-failure.ts";
import type { EgressPolicy } from "./egress-policy.ts";
import { checkAddresses, checkName } from "./egress-rules.ts";
import { readTarget, type Target } from "./egress-url.ts";
import { fail, ok, type Result } from "./result.ts";

/** Every address of a name, of both versions. @throws as node:dns does. */
export type Resolve = (name: string) => Promise<readonly string[]>;

/** Bounds that hold whatever the caller asks for, ms. */
export type EgressLimits = { connectMs: number; wholeMs: number };

export type GuardedFetch = (url: string, request: EgressRequest) => Promise<Result<EgressAnswer, EgressFailure>>;

const limits: EgressLimits = { connectMs: 10_000, wholeMs: 300_000 };

/** `keepAlive`: connections wait for a next call, which is quicker; without, each call has its own. */
export const guardedFetch = (
  policy: EgressPolicy,
  outside: { resolve?: Resolve; keepAlive?: boolean; limits?: Partial<EgressLimits> } = {},
): GuardedFetch => {
  const { resolve = resolveAll, keepAlive = true } = outside;
  const { connectMs, wholeMs } = { ...limits, ...outside.limits };
  const agents = openAgents(keepAlive);
  return (url, request) =>
    withinTime(request.signal, wholeMs, async (signal) => {
      const checked = await checkCall(url, policy, resolve, signal);
      if (!checked.ok) return checked;
      const { target, addresses } = checked.value;
      return callPinned(target, addresses, { ...request, signal }, { agents, connectMs });
    });
};

/** The whole decision, and what a call would be pinned to. Only the name is looked up, once; nothing is called. */
export const checkCall = async (
  url: string,
  policy: EgressPolicy,
  resolve: Resolve,
  signal: AbortSignal,
): Promise<Result<{ target: Target; addresses: readonly string[] }, EgressFailure>> => {
  const target = readTarget(url);
  if (!target.ok) return target;
  const named = checkName(target.value, policy);
  if (!named.ok) return named;
  const found = await addressesOf(target.value, resolve, signal);
  if (!found.ok) return found;
  const checked = checkAddresses(target.value, found.value, policy);
  return checked.ok ? ok({ target: target.value, addresses: found.value }) : checked;
};

const resolveAll: Resolve = async (name) => (await lookup(name, { all: true })).map(({ address }) => address);

const addressesOf = async (
  { host, isLiteral, shown }: Target,
  resolve: Resolve,
  signal: AbortSignal,
): Promise<Result<readonly string[], EgressFailure>> => {
  if (isLiteral) return ok([host]);
  try {
    const found = await unlessAborted(resolve(host), signal);
    if (found.length > 0) return ok(found);
    return fail({
      kind: "unknown-name",
      message: `${shown} cannot be reached: its name does not exist.`,
      retryable: true,
    });
  } catch (error) {
    return fail(connectionFailure(error, shown));
  }
};

/** The work's own result, or an error as soon as the signal fires: a name service may take longer than anybody waits. */
const unlessAborted = <Value>(work: Promise<Value>, signal: AbortSignal): Promise<Value> =>
  new Promise((resolve, reject) => {
    const end = () => reject(new Error("given up"));
    if (signal.aborted) end();
    signal.addEventListener("abort", end, { once: true });
    work.then(resolve, reject).finally(() => signal.removeEventListener("abort", end));
  });

/** Ends the call with the caller's signal or after `wholeMs`, and then says so, whatever it failed with. */
const withinTime = async (
  outer: AbortSignal,
  wholeMs: number,
  call: (signal: AbortSignal) => Promise<Result<EgressAnswer, EgressFailure>>,
): Promise<Result<EgressAnswer, EgressFailure>> => {
  const ended = new AbortController();
  const end = () => ended.abort();
  const timer = setTimeout(end, wholeMs);
  outer.addEventListener("abort", end, { once: true });
  try {
    const gone = outer.aborted;
    const result = gone ? undefined : await call(ended.signal);
    if (result && (result.ok || !ended.signal.aborted)) return result;
    return fail(
      outer.aborted
        ? { kind: "aborted", message: "The call was given up before it was answered.", retryable: true }
        : { kind: "timeout", message: "The address did not answer in time.", retryable: true },
    );
  } finally {
    clearTimeout(timer);
    outer.removeEventListener("abort", end);
  }
};
