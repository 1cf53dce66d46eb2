// Is there a Graylog, may we sign in, may we search? Two cheap calls: what the server says of itself to anybody, and a count over
// one minute, with the streams that the questions will name.
import type { Failure } from "@logwatch/events";
import * as z from "zod";
import { fail, ok, type Result } from "../lib/result.ts";
import { type AskSettings, askParts } from "./graylog-ask.ts";
import type { Converse } from "./graylog-client.ts";
import type { Probe, Probed } from "./source.ts";

const rootAnswer = z.object({ version: z.string().regex(/^\d+\.\d+/), tagline: z.string() });

const minuteMs = 60_000;

export const probeGraylog =
  (converseWithin: (signal: AbortSignal) => Converse, settings: AskSettings): Probe =>
  async (signal) => {
    const converse = converseWithin(signal);
    const root = await converse({ method: "GET", path: "" }, rootAnswer);
    if (!root.ok) return root;
    const known = probed(root.value.version);
    if (!known.ok) return known;
    const now = Date.now();
    const all = { part: { kind: "count" as const }, query: "*" };
    const counted = await askParts(converse, settings, [all], { from: now - minuteMs, to: now });
    return counted.ok ? known : counted;
  };

/** `7.0.1+29f3984` is version 7.0.1. What is older than 5.1 has none of the searches that questions need. */
const probed = (full: string): Result<Probed, Failure> => {
  const version = /^[\d.]+/.exec(full)?.[0] ?? full;
  const [major = 0, minor = 0] = version.split(".").map(Number);
  if (major < 5 || (major === 5 && minor < 1)) {
    const message = `This is Graylog ${version.slice(0, 20)}; 5.1 or newer is needed.`;
    return fail({ kind: "bad-query", message, retryable: false });
  }
  const product = "Graylog";
  return major >= 6
    ? ok({ product, version })
    : ok({ product, version, detail: "Late logs are not noticed: that needs Graylog 6.0 or newer." });
};
