// Apply step: what is stored, as a watch file would say it: names in place of ids, durations as people write them, secrets as variables. Pure.
import { formatDuration } from "../lib/duration.ts";
import type {
  Configuration,
  DestinationRecord,
  JobRecord,
  RuleRecord,
  ServiceRecord,
  SourceRecord,
} from "../storage/configuration.ts";
import { settingsOfRule } from "./rule-record.ts";
import { escapeReferences, type SecretKind, secretVariable } from "./secret-variables.ts";
import { type Opening, openedSecret } from "./stored-secrets.ts";

export type Form = Record<string, unknown>;

/** Kinds of things that others name. */
export type NamedKind = "sources" | "services" | "destinations";

export type FormOptions = {
  open: Opening;
  /** Name of a thing that the configuration refers to and does not hold; its id stands there when there is none. */
  nameOf?: (kind: NamedKind, id: string) => string | undefined;
  /** Id of the source that services without one read: it is not named. */
  defaultSourceId?: string;
};

/** How records of one configuration are said. Every field is there, whether or not it is its default. */
export const openForms = (configuration: Configuration, options: FormOptions) => {
  const names = {
    sources: namesOf(configuration.sources),
    services: namesOf(configuration.services),
    destinations: namesOf(configuration.destinations),
  };
  const nameOf = (kind: NamedKind, id: string): string => names[kind].get(id) ?? options.nameOf?.(kind, id) ?? id;
  const settings = (kind: SecretKind, name: string, params: Form, secret: string): Form => {
    const variables = Object.keys(openedSecret(secret, options.open)).map((field) => [
      field,
      `\${${secretVariable(kind, name, field)}}`,
    ]);
    return { ...sayAll(params), ...Object.fromEntries(variables) };
  };
  return {
    sources: ({ name, kind, params, secret }: SourceRecord): Form => ({
      name: say(name),
      kind,
      params: settings("sources", name, params, secret),
    }),
    services: ({ name, sourceId, filter, colour }: ServiceRecord): Form => ({
      name: say(name),
      source: sourceId === options.defaultSourceId ? undefined : say(nameOf("sources", sourceId)),
      filter: say(filter),
      colour,
    }),
    destinations: ({ name, channel, address, secret, enabled, maxPerHour }: DestinationRecord): Form => ({
      name: say(name),
      channel,
      address: settings("destinations", name, address, secret),
      enabled,
      maxPerHour,
    }),
    jobs: (job: JobRecord): Form => ({
      name: say(job.name),
      service: say(nameOf("services", job.serviceId)),
      analysis: job.analysis,
      params: sayAll(job.params),
      every: formatDuration(job.everyMs),
      window: formatDuration(job.windowMs),
      delay: formatDuration(job.delayMs),
      enabled: job.enabled,
    }),
    rules: (rule: RuleRecord): Form => {
      const { hold, clearAfter, repeat, flapping, ...others } = settingsOfRule(rule);
      return {
        name: say(rule.name),
        kind: rule.kind,
        params: sayAll(rule.params),
        ...others,
        hold: formatDuration(hold),
        clearAfter: formatDuration(clearAfter),
        repeat: formatDuration(repeat),
        flapping: { changes: flapping.changes, within: formatDuration(flapping.within) },
        destinations: rule.destinationIds.map((id) => say(nameOf("destinations", id))),
        enabled: rule.enabled,
      };
    },
  };
};

const namesOf = (items: readonly { id: string; name: string }[]): Map<string, string> =>
  new Map(items.map(({ id, name }) => [id, name]));

/** A text that looks like a variable is none. */
const say = escapeReferences;

const sayAll = (params: Form): Form =>
  Object.fromEntries(
    Object.entries(params)
      .sort(byField)
      .map(([field, value]) => [field, sayValue(value)]),
  );

const byField = ([left]: [string, unknown], [right]: [string, unknown]): number => (left < right ? -1 : 1);

/** Fields in order of their names, so that equal parameters are equal texts. */
const sayValue = (value: unknown): unknown => {
  if (typeof value === "string") return say(value);
  if (Array.isArray(value)) return value.map(sayValue);
  return value !== null && typeof value === "object" ? sayAll({ ...value }) : value;
};
