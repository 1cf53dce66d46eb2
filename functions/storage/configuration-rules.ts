// Which of a job's rules are the ones it had. A rule that keeps its id or its name is the same one and keeps what it remembers. Pure.
import type { RuleRecord } from "./configuration.ts";

export type KnownRule = { id: string; name: string };

/** `came`: new ids; `gone`: ids that nothing continues. */
export type SettledRules = { kept: RuleRecord[]; came: RuleRecord[]; gone: string[] };

/** @throws when two of the rules would have one id. */
export const settleRules = (
  known: readonly KnownRule[],
  wanted: readonly RuleRecord[],
  jobId: string,
): SettledRules => {
  const left = new Map(known.map((one) => [one.id, one]));
  // Ids speak first: a rule that is renamed must not lose its own to another one that takes its old name.
  const sameId = new Set(wanted.filter((one) => left.delete(one.id)).map((one) => one.id));
  const settled: SettledRules = { kept: [], came: [], gone: [] };
  const taken = new Set<string>();
  for (const rule of wanted) {
    const sameName = sameId.has(rule.id) ? undefined : [...left.values()].find((one) => one.name === rule.name);
    if (sameName) left.delete(sameName.id);
    const id = sameName?.id ?? rule.id;
    if (taken.has(id)) throw new Error(`Two rules have the id "${id}".`);
    taken.add(id);
    settled[sameName || sameId.has(rule.id) ? "kept" : "came"].push({ ...rule, id, jobId });
  }
  settled.gone.push(...left.keys());
  return settled;
};
