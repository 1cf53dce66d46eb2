// The fetch Slack's client is given: it remembers `Retry-After`, which the client's errors lose, follows no redirect and reads
// no more of an answer than a reason needs.
import type { FetchFunction } from "@slack/webhook";

/** What the last answer said beside its body. */
export type Answered = { retryAfterMs: number | undefined };

const maxBodyBytes = 8192;

export const openSlackFetch =
  (signal: AbortSignal, answered: Answered): FetchFunction =>
  async (url, init) => {
    const response = await fetch(url, { ...init, redirect: "manual", signal });
    answered.retryAfterMs = retryAfterMs(response.headers.get("retry-after"), Date.now());
    const body = await readStart(response);
    return {
      ok: response.ok,
      status: response.status,
      statusText: "",
      url: "",
      headers: response.headers,
      arrayBuffer: async () => new TextEncoder().encode(body).slice().buffer,
      json: async (): Promise<unknown> => JSON.parse(body),
      text: async () => body,
    };
  };

/** Seconds or a date, as ms from `now`; undefined when absent or not understood. */
export const retryAfterMs = (header: string | null, now: number): number | undefined => {
  if (header === null) return undefined;
  if (/^\d+(\.\d+)?$/.test(header.trim())) return Math.ceil(Number(header) * 1000);
  const at = Date.parse(header);
  return Number.isNaN(at) ? undefined : Math.max(0, at - now);
};

/** An endless or compressed-to-nothing body cannot fill our memory: it is left after the first few kilobytes. */
const readStart = async (response: Response): Promise<string> => {
  const decoder = new TextDecoder();
  let text = "";
  let sizeBytes = 0;
  if (!response.body) return text;
  for await (const chunk of response.body) {
    sizeBytes += chunk.byteLength;
    text += decoder.decode(chunk, { stream: true });
    if (sizeBytes >= maxBodyBytes) break;
  }
  return text.slice(0, maxBodyBytes);
};
