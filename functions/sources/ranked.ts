// Groups in the order every source gives them: most frequent first, equal ones by their keys, cut at a limit.

/** How many series a histogram has where the question names no limit. */
export const defaultSeries = 20;

export type Group = { keys: string[]; count: number };

export const ranked = (groups: readonly Group[], limit: number): { rows: Group[]; cut: boolean } => {
  const rows = [...groups].sort((a, b) => b.count - a.count || compareKeys(a.keys, b.keys));
  return { rows: rows.slice(0, limit), cut: rows.length > limit };
};

/** Adds up groups whose keys are equal. */
export const merged = (groups: Iterable<Group>): Group[] => {
  const byKeys = new Map<string, Group>();
  for (const { keys, count } of groups) {
    const [only] = keys;
    const text = only !== undefined && keys.length === 1 ? only : JSON.stringify(keys);
    const group = byKeys.get(text);
    if (group) group.count += count;
    else byKeys.set(text, { keys, count });
  }
  return [...byKeys.values()];
};

// Code units, not a locale: the same order on every machine. Absent values ("") come last, as in a log store.
const compareKeys = (a: readonly string[], b: readonly string[]): number => {
  for (const [index, left] of a.entries()) {
    const right = b[index] ?? "";
    if (left === right) continue;
    if (left === "" || right === "") return left === "" ? 1 : -1;
    return left < right ? -1 : 1;
  }
  return 0;
};
