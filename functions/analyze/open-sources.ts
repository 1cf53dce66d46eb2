// Analyze step: opens sources by id, and keeps them open for a while, so that a batch does not read its source again and again.
import type { Failure } from "@logwatch/events";
import type { Registry } from "../lib/registry.ts";
import { fail, ok, type Result } from "../lib/result.ts";
import type { OpenedSource, Source, SourceOutside } from "../sources/source.ts";
import type { ConfigurationStore, SourceRecord } from "../storage/configuration.ts";

/** A changed address or credential is noticed after this long; at once where the old one did not work. */
const keepMs = 60_000;

export const openSources = (
  configuration: Pick<ConfigurationStore, "source">,
  kinds: Registry<Source>,
  openSecret: (sealed: string) => string,
  now: () => number,
  outside: SourceOutside,
): ((sourceId: string) => Promise<Result<OpenedSource, Failure>>) => {
  const kept = new Map<string, { until: number; source: Promise<Result<OpenedSource, Failure>> }>();
  const open = async (sourceId: string): Promise<Result<OpenedSource, Failure>> => {
    const record = await configuration.source(sourceId);
    const kind = record && kinds.find(record.kind);
    if (!record || !kind) {
      return fail({ kind: "bad-query", message: `There is no source "${sourceId}" of a known kind.`, retryable: true });
    }
    const secrets = secretsOf(record, openSecret);
    if (!secrets.ok) return secrets;
    const params = { ...record.params, ...secrets.value };
    const checked = kind.params.safeParse(params);
    if (!checked.success) {
      return fail({
        kind: "bad-query",
        message: `The settings of source "${record.name}" are not right.`,
        retryable: true,
      });
    }
    return ok(kind.open(params, outside));
  };
  return (sourceId) => {
    const known = kept.get(sourceId);
    if (known && known.until > now()) return known.source;
    const forget = () => {
      if (kept.get(sourceId)?.source === source) kept.delete(sourceId);
    };
    const source = open(sourceId).then((opened) => (opened.ok ? ok(forgetWhenFailed(opened.value, forget)) : opened));
    kept.set(sourceId, { until: now() + keepMs, source });
    // A source that could not be opened is looked for again at once.
    source.then((result) => result.ok || forget(), forget);
    return source;
  };
};

/** Whoever puts right what was refused or did not answer sees it with the next question, not a minute later. */
const forgetWhenFailed = (source: OpenedSource, forget: () => void): OpenedSource => ({
  ...source,
  ask: async (question, signal) => {
    const answer = await source.ask(question, signal);
    if (!answer.ok && settingsMayBeWrong.has(answer.error.kind)) forget();
    return answer;
  },
});

const settingsMayBeWrong: ReadonlySet<Failure["kind"]> = new Set(["refused", "unreachable"]);

const secretsOf = (
  { name, secret }: Pick<SourceRecord, "name" | "secret">,
  openSecret: (sealed: string) => string,
): Result<object, Failure> => {
  if (secret === "") return ok({});
  try {
    const secrets: unknown = JSON.parse(openSecret(secret));
    return ok(secrets !== null && typeof secrets === "object" ? secrets : {});
  } catch {
    // What was thrown is not passed on: an error of JSON quotes the text it read. Asked again, as other settings that can be put right.
    const message = `The secret of source "${name}" does not open: it was changed, or sealed under another key. Set it again.`;
    return fail({ kind: "refused", message, retryable: true });
  }
};
