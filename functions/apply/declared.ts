// Apply step: what is the same for everything a watch file declares: a name that is unique among its kind. Pure.
import type { Report } from "./check-plugins.ts";
import type { Path } from "./read-watch.ts";
import { slug } from "./watch-ids.ts";

export type Named<Record> = Map<string, Record>;

/** Names are unique among their kind, by what `keyOf` makes of them: as ids, where these are made of names. */
export const byName = <Declared extends { name: string }, Record>(
  declared: readonly Declared[],
  field: string,
  report: Report,
  compile: (one: Declared, path: Path) => Record,
  keyOf: (name: string) => string = slug,
): Named<Record> => {
  const named: Named<Record> = new Map();
  const taken = new Map<string, string>();
  declared.forEach((one, index) => {
    const by = taken.get(keyOf(one.name));
    if (by !== undefined) report([field, index, "name"], `is taken: "${by}" is already called so`);
    taken.set(keyOf(one.name), one.name);
    named.set(one.name, compile(one, [field, index]));
  });
  return named;
};

/** How it is told that the file names a thing that there is not. */
export const unknown = (what: string, name: string, known: Iterable<string>): string =>
  `there is no ${what} called "${name}" in this file; known: ${said([...known]) || "none"}`;

const mostNames = 20;

const said = (names: readonly string[]): string =>
  names.length > mostNames
    ? `${names.slice(0, mostNames).join(", ")} and ${names.length - mostNames} more`
    : names.join(", ");
