// Asks a stored source on behalf of a route: opened as it is set right now, within a time, and what it fails with said in HTTP.
import type { Failure } from "@logwatch/events";
import { secretFields } from "../../apply/split-secrets.ts";
import { withTimeLimit } from "../../channels/time-limit.ts";
import { registry } from "../../lib/registry.ts";
import { fail, ok, type Result } from "../../lib/result.ts";
import * as sourcePlugins from "../../sources/index.ts";
import type { OpenedSource } from "../../sources/source.ts";
import type { SourceRecord } from "../../storage/configuration.ts";
import { openSecrets } from "../plugin-params.ts";
import type { ApiPorts } from "../ports.ts";
import { type Refusal, refuse, unprocessable } from "../refusal.ts";

export const sourceKinds = registry("source", sourcePlugins);

/** The gateway gives up after 30 s, and the answer has a way to go. */
const limitMs = 20_000;

type Ports = Pick<ApiPorts, "storage" | "config" | "openSettings">;

/** `path`: what of the input is at fault when the source says that the question is. */
export const askSource = async <Value>(
  sourceId: string,
  path: string,
  ports: Ports,
  ask: (source: OpenedSource, signal: AbortSignal) => Promise<Result<Value, Failure>>,
): Promise<Result<Value, Refusal>> => {
  const [stored] = await ports.storage.configuration.find("sources", [sourceId]);
  if (!stored) return fail(failed("The source of this service is gone."));
  const opened = openStored(stored.item, ports);
  if (!opened.ok) return fail(failed(opened.error.message));
  const forever = new AbortController().signal;
  const answered = await withTimeLimit(forever, limitMs, ({ signal }) => ask(opened.value, signal));
  return answered.ok ? answered : fail(refusalOf(answered.error, stored.item, path));
};

/** A source opened from its record: no change of its settings is waited for. */
export const openStored = (
  record: SourceRecord,
  { config, openSettings }: Pick<ApiPorts, "config" | "openSettings">,
): Result<OpenedSource, Failure> => {
  const kind = sourceKinds.find(record.kind);
  if (!kind) return fail(unusable(`There is no source kind "${record.kind}" here.`));
  const secrets = secretsOf(record, config.LOGWATCH_SECRETS_KEY);
  if (!secrets) return fail(unusable("The secret of this source does not open any more. Set it again."));
  const params = { ...record.params, ...secrets };
  if (!kind.params.safeParse(params).success) return fail(unusable("The settings of this source are not right."));
  return ok(openSettings(kind, params));
};

/** Undefined when they were sealed under another key. */
export const secretsOf = (record: Pick<SourceRecord, "kind" | "secret">, key: string): object | undefined => {
  try {
    return openSecrets(record.secret, key, secretFields(sourceKinds.find(record.kind)?.params));
  } catch {
    // What was thrown is not passed on: an error of JSON quotes the text it read.
    return undefined;
  }
};

const unusable = (message: string): Failure => ({ kind: "bad-query", message, retryable: false });

/** Not 502: a server error of the API is a fault of ours, and rings an alarm. */
const failed = (detail: string): Refusal => refuse(424, "source-failed", detail);

const refusalOf = ({ kind, message }: Failure, source: SourceRecord, path: string): Refusal => {
  const plain = withoutHosts(message, source);
  const said = plain.charAt(0).toUpperCase() + plain.slice(1);
  if (kind === "bad-query") return unprocessable([{ path, rule: said }]);
  return kind === "timeout" ? refuse(424, "source-timeout", said) : failed(said);
};

/** Members of a service need not know where its logs lie. */
export const withoutHosts = (message: string, { params }: Pick<SourceRecord, "params">): string => {
  let text = message;
  for (const value of Object.values(params)) {
    if (typeof value !== "string" || !URL.canParse(value)) continue;
    const { host, hostname } = new URL(value);
    for (const name of [host, hostname]) if (name !== "") text = text.replaceAll(name, "the source");
  }
  return text;
};
