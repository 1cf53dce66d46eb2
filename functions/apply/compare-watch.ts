// Apply step: what differs between two configurations, in the words of a watch file. Pure. Of secrets it says that they differ, never what they are.
import { isDeepStrictEqual } from "node:util";
import type { Configuration, ConfigurationKind } from "../storage/configuration.ts";
import { openedSecret } from "./stored-secrets.ts";
import { type Form, type FormOptions, openForms } from "./watch-forms.ts";

/** A field as a watch file calls it: `every`, `params.limit`. Undefined: it was not there. Both are left out of a secret. */
export type FieldChange = { field: string; isSecret: boolean; before?: unknown; after?: unknown };

export type Difference = {
  change: "added" | "changed" | "removed";
  kind: ConfigurationKind;
  id: string;
  name: string;
  /** Name of the job whose rule it is. */
  job?: string;
  /** Of what changed; empty otherwise. */
  fields: FieldChange[];
  words: string;
};

/** A thing is the same as long as its id is. Sources come first, then what builds on them; each kind in order of names. */
export const compareWatch = (before: Configuration, after: Configuration, options: FormOptions): Difference[] => {
  const [old, now] = [entriesOf(before, options), entriesOf(after, options)];
  const ids = new Set([...old.keys(), ...now.keys()]);
  return [...ids]
    .flatMap((key) => difference(old.get(key), now.get(key)))
    .sort(
      (left, right) =>
        kinds.indexOf(left.kind) - kinds.indexOf(right.kind) ||
        compareText(left.job ?? "", right.job ?? "") ||
        compareText(left.name, right.name) ||
        compareText(left.id, right.id),
    );
};

const kinds: readonly ConfigurationKind[] = ["sources", "services", "destinations", "jobs", "rules"];
const compareText = (left: string, right: string): number => (left < right ? -1 : left > right ? 1 : 0);

/** One thing: its fields, and its secrets apart from them. */
type Entry = Pick<Difference, "kind" | "id" | "name" | "job"> & { fields: Form; secrets: Form };

const entriesOf = (configuration: Configuration, options: FormOptions): Map<string, Entry> => {
  const forms = openForms(configuration, options);
  const jobs = new Map(configuration.jobs.map((job) => [job.id, job.name]));
  const entry = <Item extends { id: string; name: string }>(
    kind: ConfigurationKind,
    say: (item: Item) => Form,
    secretsOf: (item: Item) => Form = () => ({}),
    jobOf: (item: Item) => string | undefined = () => undefined,
  ) => {
    return (item: Item): [string, Entry] => {
      const secrets = secretsOf(item);
      const fields = Object.entries(flat(say(item))).filter(([field]) => !Object.hasOwn(secrets, field));
      const { id, name } = item;
      const job = jobOf(item);
      return [
        `${kind} ${id}`,
        { kind, id, name, ...(job === undefined ? {} : { job }), fields: Object.fromEntries(fields), secrets },
      ];
    };
  };
  const secretsIn = (part: string) => (item: { secret: string }) =>
    flat({ [part]: openedSecret(item.secret, options.open) });
  return new Map([
    ...configuration.sources.map(entry("sources", forms.sources, secretsIn("params"))),
    ...configuration.services.map(entry("services", forms.services)),
    ...configuration.destinations.map(entry("destinations", forms.destinations, secretsIn("address"))),
    ...configuration.jobs.map(entry("jobs", forms.jobs)),
    ...configuration.rules.map(entry("rules", forms.rules, undefined, (rule) => jobs.get(rule.jobId) ?? rule.jobId)),
  ]);
};

/** `{ params: { limit: 5 } }` → `{ "params.limit": 5 }`. */
const flat = (form: Form): Form =>
  Object.fromEntries(
    Object.entries(form).flatMap(([field, value]): [string, unknown][] =>
      value !== null && typeof value === "object" && !Array.isArray(value)
        ? Object.entries(value).map(([inner, deep]) => [`${field}.${inner}`, deep])
        : [[field, value]],
    ),
  );

const difference = (before: Entry | undefined, after: Entry | undefined): Difference[] => {
  const entry = after ?? before;
  if (!entry) return [];
  const { fields: _fields, secrets: _secrets, ...thing } = entry;
  const what = `${nouns[thing.kind]} ${JSON.stringify(thing.name)}${thing.job === undefined ? "" : ` of job ${JSON.stringify(thing.job)}`}`;
  if (!before) return [{ ...thing, change: "added", fields: [], words: `new ${what}` }];
  if (!after) return [{ ...thing, change: "removed", fields: [], words: `${what} goes` }];
  const fields = [
    ...changesOf(before.fields, after.fields).map((change) => ({ ...change, isSecret: false })),
    ...changesOf(before.secrets, after.secrets).map(({ field }) => ({ field, isSecret: true })),
  ];
  if (fields.length === 0) return [];
  return [{ ...thing, change: "changed", fields, words: `${what}: ${fields.map(wordsOf).join("; ")}` }];
};

const nouns: Record<ConfigurationKind, string> = {
  sources: "source",
  services: "service",
  destinations: "destination",
  jobs: "job",
  rules: "rule",
};

const changesOf = (before: Form, after: Form): { field: string; before: unknown; after: unknown }[] =>
  [...new Set([...Object.keys(before), ...Object.keys(after)])]
    .filter((field) => !isDeepStrictEqual(before[field], after[field]))
    .map((field) => ({ field, before: before[field], after: after[field] }));

const wordsOf = ({ field, isSecret, before, after }: FieldChange): string =>
  isSecret ? `another ${field}` : `${field} ${wordOf(before)} → ${wordOf(after)}`;

const maxWordChars = 80;

const wordOf = (value: unknown): string => {
  if (value === undefined) return "(none)";
  const text = JSON.stringify(value);
  return text.length > maxWordChars ? `${text.slice(0, maxWordChars - 1)}…` : text;
};
