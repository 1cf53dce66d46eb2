// Apply step: the reverse of reading. In: a configuration. Out: the watch file that declares it, without its secrets.
// Pure; equal configurations give equal texts.
import { stringify } from "yaml";
import type { Configuration, RuleRecord } from "../storage/configuration.ts";
import { escapeReferences, type SecretKind, secretVariable } from "./secret-variables.ts";
import { type Opening, openedSecret } from "./stored-secrets.ts";
import { watchItems } from "./watch-file.ts";
import { type Form, type FormOptions, openForms } from "./watch-forms.ts";

export type WriteOptions = FormOptions & {
  /** Of the file. */
  name: string;
};

/** YAML. Rules of jobs that are not there are left out. */
export const writeWatch = (configuration: Configuration, options: WriteOptions): string => {
  const forms = openForms(configuration, options);
  const rules = byJob(configuration.rules);
  const file = {
    name: escapeReferences(options.name),
    sources: inOrder(configuration.sources).map((one) => withoutDefaults("sources", forms.sources(one))),
    services: inOrder(configuration.services).map((one) => withoutDefaults("services", forms.services(one))),
    destinations: inOrder(configuration.destinations).map((one) =>
      withoutDefaults("destinations", forms.destinations(one)),
    ),
    jobs: inOrder(configuration.jobs).map((job) => ({
      ...withoutDefaults("jobs", forms.jobs(job)),
      ...some(
        "rules",
        inOrder(rules.get(job.id) ?? []).map((one) => withoutDefaults("rules", forms.rules(one))),
      ),
    })),
  };
  const { name, sources, services, destinations, jobs } = file;
  const said = {
    name,
    ...some("sources", sources),
    services,
    ...some("destinations", destinations),
    ...some("jobs", jobs),
  };
  // Every text stays in one line, whatever its length and its own line ends: nothing in it can look like structure.
  const yaml = stringify(said, { lineWidth: 0, blockQuote: false, aliasDuplicateObjects: false });
  return `${comment(configuration, options.open)
    .map((line) => `# ${line}\n`)
    .join("")}${yaml}`;
};

const some = (field: string, items: readonly Form[]): Record<string, readonly Form[]> =>
  items.length === 0 ? {} : { [field]: items };

const byJob = (rules: readonly RuleRecord[]): Map<string, RuleRecord[]> => {
  const groups = new Map<string, RuleRecord[]>();
  for (const rule of rules) {
    const group = groups.get(rule.jobId);
    if (group) group.push(rule);
    else groups.set(rule.jobId, [rule]);
  }
  return groups;
};

/** By name, as people look for it; equal names by id. */
const inOrder = <Item extends { id: string; name: string }>(items: readonly Item[]): Item[] =>
  [...items].sort((left, right) =>
    left.name === right.name ? (left.id < right.id ? -1 : 1) : left.name < right.name ? -1 : 1,
  );

/** The fields that must be there. */
const least = {
  sources: { name: "x", kind: "x" },
  services: { name: "x" },
  destinations: { name: "x", channel: "x" },
  jobs: { name: "x", service: "x", analysis: "x", every: "1m" },
  rules: { name: "x", kind: "x" },
};

/** A field that says what would hold without it says nothing. */
const withoutDefaults = (kind: keyof typeof watchItems, form: Form): Form => {
  const schema = watchItems[kind];
  const defaults = new Map<string, unknown>(Object.entries(schema.parse(least[kind])));
  const read = schema.safeParse(form);
  const values = new Map<string, unknown>(Object.entries(read.success ? read.data : {}));
  const isDefault = (field: string): boolean =>
    !Object.hasOwn(least[kind], field) &&
    values.has(field) &&
    JSON.stringify(values.get(field)) === JSON.stringify(defaults.get(field));
  const isTold = (field: string, value: unknown): boolean =>
    value !== undefined && !isDefault(field) && !(field === "window" && value === form.every);
  return Object.fromEntries(Object.entries(form).filter(([field, value]) => isTold(field, value)));
};

const comment = ({ sources, destinations }: Configuration, open: Opening): string[] => {
  const lines = [...variables("sources", sources, open), ...variables("destinations", destinations, open)];
  if (lines.length === 0) return ["A watch file. It holds no secrets and needs no variables."];
  return [
    "A watch file. Secrets are not in it: these variables stand for them.",
    ...lines,
    "Where these things are stored already, a secret whose variable is not set stays as it is.",
  ];
};

const variables = (
  kind: SecretKind,
  items: readonly { id: string; name: string; secret: string }[],
  open: Opening,
): string[] =>
  inOrder(items).flatMap(({ name, secret }) =>
    Object.keys(openedSecret(secret, open)).map(
      (field) =>
        `  ${secretVariable(kind, name, field)}: ${field} of the ${kind === "sources" ? "source" : "destination"} ${JSON.stringify(name)}`,
    ),
  );
