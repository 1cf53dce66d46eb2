// A source in memory: for tests, for back-tests over long histories, and for trying an analysis on a handful of lines.
import { type Failure, type LogEntry, logEntry } from "@logwatch/events";
import * as z from "zod";
import { parseFilter } from "../lib/lucene.ts";
import { compileFilter } from "../lib/lucene-match.ts";
import type { Ask, AskArrivals, PartAnswer } from "../lib/question.ts";
import { fail, ok, type Result } from "../lib/result.ts";
import { addToBucket, bucketPoints, buckets, emptyBuckets } from "./buckets.ts";
import { badQuery, filterProblem } from "./joined-filter.ts";
import { memoryAnswer } from "./memory-answer.ts";
import { memoryFields } from "./memory-fields.ts";
import { type Line, type MemoryLog, memoryLog, valuesOf } from "./memory-log.ts";
import { partProblem } from "./part-problem.ts";
import { defineSource, type ListFields, type OpenSource } from "./source.ts";

export const memory = defineSource({
  id: "memory",
  title: "Sample log",
  description: "Holds the log entries that its settings list. For tests and for trying things out.",
  params: z.strictObject({
    entries: z
      .array(logEntry)
      .max(10_000)
      .default([])
      .meta({ title: "Entries", description: "The log entries to answer from." }),
  }),
  open: ({ entries }) => openMemory(entries),
});

/**
 * Asks entries, or a log that grows while it is asked. With `now`, an entry is seen only once it has arrived by that clock:
 * late logs as a log store shows them.
 */
export const openMemory = (log: readonly LogEntry[] | MemoryLog, now?: () => number): Required<OpenSource> => {
  const store = "add" in log ? log : memoryLog(log);
  const matcher = filterCache();
  const visible = (lines: Line[]): Line[] => {
    if (!now) return lines;
    const moment = now();
    return lines.filter((line) => line.arrivedAt <= moment);
  };
  return {
    ask: askStore(store, matcher, visible),
    arrivals: askLate(store, matcher, visible),
    probe: async (signal) => (signal.aborted ? fail(givenUp) : ok({ product: "Sample log", version: "1" })),
    fields: listFields(store, matcher, visible),
  };
};

type Matches = (line: Line) => boolean;
type Matcher = (filters: readonly string[]) => Result<Matches, Failure>;
type Visible = (lines: Line[]) => Line[];

const askStore =
  (store: MemoryLog, matcher: Matcher, visible: Visible): Ask =>
  async ({ filters, window, parts }, signal) => {
    if (signal.aborted) return fail(givenUp);
    const base = matcher(filters);
    if (!base.ok) return base;
    const lines = visible(store.happened(window)).filter(base.value);
    const answers: [string, PartAnswer][] = [];
    for (const [name, part] of Object.entries(parts)) {
      const problem = partProblem(part, window);
      if (problem) return fail(badQuery(problem));
      const narrowed = part.filter === undefined ? ok(() => true) : matcher([part.filter]);
      if (!narrowed.ok) return narrowed;
      const own = part.filter === undefined ? lines : lines.filter(narrowed.value);
      answers.push([name, memoryAnswer(part, own, window)]);
    }
    const truncated = answers.some(([, answer]) => "truncated" in answer && answer.truncated);
    return ok({ parts: Object.fromEntries(answers), truncated });
  };

const askLate =
  (store: MemoryLog, matcher: Matcher, visible: Visible): AskArrivals =>
  async ({ filters, received, happened, everyMs }, signal) => {
    if (signal.aborted) return fail(givenUp);
    const problem = partProblem({ kind: "histogram", everyMs }, happened);
    if (problem) return fail(badQuery(problem));
    const matches = matcher(filters);
    if (!matches.ok) return matches;
    const layout = buckets(happened, everyMs);
    const totals = emptyBuckets(layout);
    for (const line of visible(store.arrived(received))) {
      const inside = line.at >= happened.from && line.at < happened.to;
      if (inside && matches.value(line)) addToBucket(totals, layout, line.at, line.count);
    }
    const late = bucketPoints(totals, layout).filter(({ value }) => value > 0);
    return ok(late.map(({ at, value }) => ({ at, count: value })));
  };

const listFields =
  (store: MemoryLog, matcher: Matcher, visible: Visible): ListFields =>
  async ({ filters, window }, signal) => {
    if (signal.aborted) return fail(givenUp);
    const matches = matcher(filters);
    return matches.ok ? ok(memoryFields(visible(store.happened(window)).filter(matches.value))) : matches;
  };

const givenUp: Failure = {
  kind: "timeout",
  message: "The question was given up before it was asked.",
  retryable: true,
};

/** More distinct filters than a process meets; above, compiling again is cheaper than keeping them all. */
const maxCompiled = 1000;

/** Compiles each filter once: a back-test asks the same one for every window. */
const filterCache = (): Matcher => {
  const known = new Map<string, Result<Matches, Failure>>();
  return (filters) => {
    const key = JSON.stringify(filters);
    const hit = known.get(key);
    if (hit) return hit;
    if (known.size >= maxCompiled) known.clear();
    const compiled = compile(filters);
    known.set(key, compiled);
    return compiled;
  };
};

/** Each clause stands on its own here too: all of them must hold, whatever they say. */
const compile = (filters: readonly string[]): Result<Matches, Failure> => {
  const clauses: ReturnType<typeof compileFilter>[] = [];
  for (const filter of filters) {
    const parsed = parseFilter(filter);
    if (!parsed.ok) return fail(filterProblem(parsed.error));
    clauses.push(compileFilter(parsed.value));
  }
  return ok((line) => {
    const values = valuesOf(line);
    const read = (field: string) => values.get(field);
    return clauses.every((matches) => matches(read, () => values.values()));
  });
};
