// Whether a source answers, in words that a user can act on: asked what it is and how many logs of the last hour it finds.
import type { Failure, FailureKind } from "@logwatch/events";
import type { SourceTest } from "@logwatch/events/api";
import { withTimeLimit } from "../../channels/time-limit.ts";
import type { Result } from "../../lib/result.ts";
import type { OpenedSource } from "../../sources/source.ts";

const tryLimitMs = 10_000;
const hourMs = 3_600_000;

/** Never longer than `limitMs`, whatever the source does. */
export const trySource = async (
  opened: Result<OpenedSource, Failure>,
  now: () => number,
  limitMs = tryLimitMs,
): Promise<SourceTest> => {
  if (!opened.ok) return told(opened.error, 0);
  const source = opened.value;
  const startedAt = now();
  const forever = new AbortController().signal;
  return withTimeLimit(forever, limitMs, async ({ signal, over }): Promise<SourceTest> => {
    const probed = await source.probe(signal);
    if (!probed.ok) return told(over() ? tooSlow(limitMs) : probed.error, now() - startedAt);
    const messagesLastHour = await countLastHour(source, startedAt, signal);
    const { product, version, detail = null } = probed.value;
    return { ok: true, product, version, detail, messagesLastHour, tookMs: now() - startedAt };
  });
};

/** That there is a log store is known by now; a count that does not come in time takes nothing from it. */
const countLastHour = async ({ ask }: OpenedSource, to: number, signal: AbortSignal): Promise<number | null> => {
  const question = { filters: [], window: { from: to - hourMs, to }, parts: { all: { kind: "count" } } } as const;
  const answered = await ask(question, signal);
  const all = answered.ok ? answered.value.parts.all : undefined;
  return all?.kind === "count" ? all.count : null;
};

const tooSlow = (limitMs: number): Failure => ({
  kind: "timeout",
  message: `There was no answer within ${limitMs / 1000} s.`,
  retryable: true,
});

const told = ({ kind, message }: Failure, tookMs: number): SourceTest => ({
  ok: false,
  kind,
  reason: message,
  wayOut: wayOut[kind],
  tookMs,
});

const wayOut: Record<FailureKind, string> = {
  unreachable: "Check the address, and that LogWatch can reach it from where it runs.",
  refused:
    "Put right what is refused: the credentials, what their user may read, or an address that may not be called.",
  timeout: "Check the address, and whether a firewall on the way drops the connection; then try again.",
  "bad-query": "Check the settings, and that a log store of this kind and of a supported version is there.",
  overloaded: "Try again in a moment; if it stays so, look at the log store itself.",
};
