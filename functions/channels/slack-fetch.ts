// The fetch Slack's client is given: it remembers `Retry-After`, which the client's errors lose, follows no redirect and reads
// no more of an answer than a reason needs.
import type { FetchFunction } from "@slack/webhook";
import type { GuardedFetch } from "../lib/egress.ts";
import type { EgressAnswer } from "../lib/egress-call.ts";
import type { EgressFailure } from "../lib/egress-failure.ts";

/** What the last answer said beside its body, or why there is none. */
export type Answered = { retryAfterMs: number | undefined; failure: EgressFailure | undefined };

/** An endless or compressed-to-nothing body is left after the first few kilobytes. */
const maxBodyBytes = 8192;

export const openSlackFetch =
  (guarded: GuardedFetch, signal: AbortSignal, answered: Answered): FetchFunction =>
  async (url, { headers = {}, body } = {}) => {
    if (typeof body !== "string") throw new Error("Slack's client sent something else than text.");
    const given = await guarded(String(url), { method: "POST", headers, body, maxBodyBytes, signal });
    if (!given.ok) {
      answered.failure = given.error;
      throw new Error(given.error.message);
    }
    const { status, body: text } = given.value;
    const answerHeaders = headersOf(given.value);
    answered.retryAfterMs = retryAfterMs(answerHeaders.get("retry-after"), Date.now());
    return {
      ok: status >= 200 && status < 300,
      status,
      statusText: "",
      url: "",
      headers: answerHeaders,
      arrayBuffer: async () => new TextEncoder().encode(text).slice().buffer,
      json: async (): Promise<unknown> => JSON.parse(text),
      text: async () => text,
    };
  };

const headersOf = ({ headers }: EgressAnswer): Headers =>
  new Headers(Object.entries(headers).flatMap(([name, value]): [string, string][] => [[name, String(value ?? "")]]));

/** Seconds or a date, as ms from `now`; undefined when absent or not understood. */
export const retryAfterMs = (header: string | null, now: number): number | undefined => {
  if (header === null) return undefined;
  if (/^\d+(\.\d+)?$/.test(header.trim())) return Math.ceil(Number(header) * 1000);
  const at = Date.parse(header);
  return Number.isNaN(at) ? undefined : Math.max(0, at - now);
};
