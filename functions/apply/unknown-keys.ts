// Apply step: keys of a watch file that nothing reads, its plug-ins' parameters included, and what was meant instead. Pure.
import * as z from "zod";
import * as analysisPlugins from "../analyses/index.ts";
import * as channelPlugins from "../channels/index.ts";
import { registry } from "../lib/registry.ts";
import * as ruleKindPlugins from "../rule-kinds/index.ts";
import * as sourcePlugins from "../sources/index.ts";
import type { Path } from "./read-watch.ts";
import type { WatchFile } from "./watch-file.ts";

/** `path` ends with the key. */
export type UnknownKey = { path: Path; message: string };

const analyses = registry("analysis", analysisPlugins);
const channels = registry("channel", channelPlugins);
const ruleKinds = registry("rule kind", ruleKindPlugins);
const sources = registry("source", sourcePlugins);

/** Whoever has more mistakes than this puts these right first. */
const mostTold = 100;

/** Keys that no plug-in of the file knows. A plug-in that there is not knows nothing to compare with. */
export const unknownParams = (watch: WatchFile): UnknownKey[] => {
  const found: UnknownKey[] = [];
  const look = (schema: z.ZodType | undefined, value: unknown, path: Path) => {
    if (found.length < mostTold) found.push(...unknownKeys(schema?.safeParse(value).error?.issues ?? [], schema, path));
  };
  watch.sources.forEach((one, index) => {
    look(sources.find(one.kind)?.params, one.params, ["sources", index, "params"]);
  });
  watch.destinations.forEach((one, index) => {
    look(channels.find(one.channel)?.address, one.address, ["destinations", index, "address"]);
  });
  watch.jobs.forEach((job, index) => {
    look(analyses.find(job.analysis)?.params, job.params, ["jobs", index, "params"]);
    job.rules.forEach((rule, at) => {
      look(ruleKinds.find(rule.kind)?.params, rule.params, ["jobs", index, "rules", at, "params"]);
    });
  });
  return found;
};

/** The first of a schema's issues that are unknown keys; `path` is where the schema's value stands in the file. */
export const unknownKeys = (
  issues: readonly z.core.$ZodIssue[],
  schema: z.ZodType | undefined,
  path: Path,
): UnknownKey[] =>
  issues
    .filter((issue) => issue.code === "unrecognized_keys")
    .slice(0, mostTold)
    .flatMap((issue) => {
      const inside = pathOf(issue);
      const known = schema ? knownAt(schema, inside) : [];
      const keys = issue.keys.slice(0, mostTold);
      return keys.map((key) => ({ path: [...path, ...inside, key], message: notKnown(key, known) }));
    });

/** JSON and YAML have no symbols as keys. */
export const pathOf = ({ path }: Pick<z.core.$ZodIssue, "path">): Path =>
  path.map((part) => (typeof part === "symbol" ? String(part) : part));

/** Names of the fields of the object that stands at a path of a schema. */
const knownAt = (schema: z.ZodType, path: Path): string[] => {
  let node: unknown = z.toJSONSchema(schema, { io: "input", unrepresentable: "any" });
  for (const part of path)
    node = typeof part === "number" ? field(node, "items") : field(field(node, "properties"), part);
  const properties = field(node, "properties");
  return properties !== null && typeof properties === "object" ? Object.keys(properties) : [];
};

const field = (node: unknown, name: string): unknown =>
  node !== null && typeof node === "object" ? Object.entries(node).find(([known]) => known === name)?.[1] : undefined;

const notKnown = (key: string, known: readonly string[]): string => {
  const meant = nearest(key, known);
  if (meant !== undefined) return `is not known here; is \`${meant}\` meant?`;
  return known.length === 0 ? "is not known here" : `is not known here; known: ${known.join(", ")}`;
};

/** More slips than this make another word. */
const mostSlips = 2;

/** The name a key was meant to be: a few letters wrong, or one the beginning of the other. */
const nearest = (key: string, known: readonly string[]): string | undefined => {
  const typed = key.toLowerCase();
  const [best] = known
    .map((name) => ({ name, slips: slips(typed, name.toLowerCase()) }))
    .sort((left, right) => left.slips - right.slips);
  if (best && best.slips <= mostSlips && best.slips < typed.length / 2) return best.name;
  return known.find(
    (name) => typed.startsWith(name.toLowerCase()) || (typed.length > 2 && name.toLowerCase().startsWith(typed)),
  );
};

/** Letters to add, drop or change to make one text of the other (Levenshtein). Both are cut: names are short. */
const slips = (from: string, to: string): number => {
  let row = Array.from({ length: to.length + 1 }, (_, index) => index);
  for (const [done, letter] of [...from.slice(0, 50)].entries()) {
    const next = [done + 1];
    for (const [index, other] of [...to].entries()) {
      const changed = (row[index] ?? 0) + (letter === other ? 0 : 1);
      next.push(Math.min(changed, (row[index + 1] ?? 0) + 1, (next[index] ?? 0) + 1));
    }
    row = next;
  }
  return row.at(-1) ?? 0;
};
