// Apply step: reads a watch file. Every problem is told with its line, column, path and rule; a file with one is not applied at all.
import { type Document, isMap, isNode, isScalar, LineCounter, parseDocument, visit, type YAMLError } from "yaml";
import { fail, ok, type Result } from "../lib/result.ts";
import { ruleWords } from "../lib/rule-words.ts";
import { fillReferences, soleReference } from "./secret-variables.ts";
import { pathOf, type UnknownKey, unknownKeys, unknownParams } from "./unknown-keys.ts";
import { type WatchFile, watchFile } from "./watch-file.ts";

/** Line and column count from 1. */
export type Problem = { line: number; column: number; path: string; message: string };
export type Path = readonly (string | number)[];
/** Where a path of the file stands, for problems found later. */
export type Locate = (path: Path, message: string) => Problem;

/** `unset`: variables that stand alone in a field which may be a secret and are not set, by the field's path; it holds `${NAME}`. */
export type ReadWatch = { watch: WatchFile; locate: Locate; unset: ReadonlyMap<string, string> };

/** `${NAME}` and `${NAME:-default}` in texts are replaced from `variables`; `$${NAME}` stands for the text `${NAME}`. */
export const readWatch = (
  text: string,
  variables: Readonly<Record<string, string | undefined>>,
): Result<ReadWatch, Problem[]> => {
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false, uniqueKeys: false });
  if (document.errors.length > 0) {
    return fail(
      document.errors.slice(0, maxProblems).map((error) => {
        const { line, col } = lines.linePos(error.pos[0]);
        return { line, column: col, path: "", message: inOurWords[error.code] ?? error.message };
      }),
    );
  }
  const locate: Locate = (path, message) => ({ ...positionOf(document, lines, path), path: path.join("."), message });
  const repeated = repeatedKeys(document, lines);
  if (repeated.length > 0) return fail(repeated);
  const plain = plainValue(document);
  if (!plain.ok) return fail([locate([], plain.error)]);
  const problems: Problem[] = [];
  const report = (path: Path, message: string) => problems.push(locate(path, message));
  const unset = new Map<string, string>();
  const filled = fillIn(plain.value, [], { report, variables, unset });
  if (problems.length > 0) return fail(problems);
  const locateKey = ({ path, message }: UnknownKey): Problem => ({
    ...locate(path, message),
    ...keyPositionOf(document, lines, path),
  });
  const parsed = watchFile.safeParse(filled, { error: sayRule });
  if (!parsed.success) {
    const { issues } = parsed.error;
    const isUnknown = ({ code }: { code?: string }) => code === "unrecognized_keys";
    const unknown = issues.filter(isUnknown).slice(0, maxProblems);
    const others = issues.filter((issue) => !isUnknown(issue)).slice(0, maxProblems);
    return fail([
      ...unknownKeys(unknown, watchFile, []).slice(0, maxProblems).map(locateKey),
      ...others.map((issue) => locate(pathOf(issue), issue.message)),
    ]);
  }
  const unread = unknownParams(parsed.data).slice(0, maxProblems);
  return unread.length > 0 ? fail(unread.map(locateKey)) : ok({ watch: parsed.data, locate, unset });
};

/** Nobody reads more at once, and to find where each stands takes time. */
export const maxProblems = 100;

/** The parser would compare each key with every other one, and a file of nothing but keys would take seconds. */
const repeatedKeys = (document: Document, lines: LineCounter): Problem[] => {
  const found: Problem[] = [];
  visit(document, {
    Map: (_, map) => {
      const seen = new Set<unknown>();
      for (const { key } of map.items) {
        if (!isScalar(key)) continue;
        const { line, col } = lines.linePos(key.range?.[0] ?? 0);
        if (seen.has(key.value)) found.push({ line, column: col, path: "", message: "Map keys must be unique" });
        seen.add(key.value);
      }
      return found.length < maxProblems ? undefined : visit.BREAK;
    },
  });
  return found.slice(0, maxProblems);
};

/** Where the parser's words speak to programmers. */
const inOurWords: Partial<Record<YAMLError["code"], string>> = {
  MULTIPLE_DOCS: "a second document begins here, and a watch file is one: put it into a file of its own",
};

/** For what the schemas have no words of their own. */
const sayRule = (issue: Parameters<typeof ruleWords>[0]): string | undefined =>
  issue.code === "invalid_type" && issue.input === undefined ? `is missing (${issue.expected})` : ruleWords(issue);

/** One line a problem: `line 4, column 7: jobs.0.every: must be …`. */
export const writeProblems = (file: string, problems: readonly Problem[]): string =>
  problems
    .map(({ line, column, path, message }) => `${file}:${line}:${column}: ${path === "" ? "" : `${path}: `}${message}`)
    .join("\n");

/** The deepest node of the path that exists: a missing field is reported where it is missed. */
const positionOf = (document: Document, lines: LineCounter, path: Path): { line: number; column: number } => {
  for (let depth = path.length; depth >= 0; depth -= 1) {
    const node = depth === 0 ? document.contents : document.getIn(path.slice(0, depth), true);
    if (isNode(node) && node.range) {
      const { line, col } = lines.linePos(node.range[0]);
      return { line, column: col };
    }
  }
  return { line: 1, column: 1 };
};

/** Where the last key of the path is written; nothing where it came by an alias. */
const keyPositionOf = (
  document: Document,
  lines: LineCounter,
  path: Path,
): { line: number; column: number } | undefined => {
  const parent = path.length === 1 ? document.contents : document.getIn(path.slice(0, -1), true);
  if (!isMap(parent)) return undefined;
  for (const { key } of parent.items) {
    if (!isScalar(key) || String(key.value) !== path.at(-1) || !key.range) continue;
    const { line, col } = lines.linePos(key.range[0]);
    return { line, column: col };
  }
  return undefined;
};

/** Aliases may be used, but not to blow a small file up. */
const plainValue = (document: Document): Result<unknown, string> => {
  try {
    return ok(document.toJS({ maxAliasCount: 100 }));
  } catch (error) {
    if (error instanceof RangeError) return fail("is nested too deeply, or refers to itself");
    return fail(error instanceof Error ? error.message : String(error));
  }
};

/** How it is told that a variable has no value. */
export const notSet = (name: string): string =>
  `the variable ${name} is not set, and there is no default (\${${name}:-…})`;

type Filling = {
  report: (path: Path, message: string) => void;
  variables: Readonly<Record<string, string | undefined>>;
  unset: Map<string, string>;
};

const fillIn = (value: unknown, path: Path, filling: Filling): unknown => {
  if (typeof value === "string") {
    const sole = soleReference(value);
    if (sole !== undefined && filling.variables[sole] === undefined && mayBeSecret(path)) {
      filling.unset.set(path.join("."), sole);
      return value;
    }
    return fillReferences(value, (name, fallback) => {
      const found = filling.variables[name] ?? fallback;
      if (found === undefined) filling.report(path, notSet(name));
      return found ?? "";
    });
  }
  if (Array.isArray(value)) return value.map((item, index) => fillIn(item, [...path, index], filling));
  if (value !== null && typeof value === "object") {
    return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, fillIn(item, [...path, key], filling)]));
  }
  return value;
};

/** A field of a source's settings or of an address: whoever knows the plug-in and what is stored says more. */
const mayBeSecret = ([kind, , part, , ...deeper]: Path): boolean =>
  deeper.length === 0 && ((kind === "sources" && part === "params") || (kind === "destinations" && part === "address"));
