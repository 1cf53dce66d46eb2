// Asks Graylog one question: all its parts in one search, then further pages of messages where one is not enough.
import type { Failure, Window } from "@logwatch/events";
import type { Ask, Part, PartAnswer } from "../lib/question.ts";
import { fail, ok, type Result } from "../lib/result.ts";
import { partAnswer, searchAnswer, searchProblem } from "./graylog-answer.ts";
import type { Converse } from "./graylog-client.ts";
import { graylogQuery } from "./graylog-query.ts";
import { withReason } from "./graylog-reason.ts";
import { type Search, type SearchLimits, searchBody, searchOf } from "./graylog-search.ts";
import { badQuery } from "./joined-filter.ts";
import { partProblem } from "./part-problem.ts";

export type AskSettings = SearchLimits & { streams: readonly string[]; maxMessages: number };

/** A part with the query it is asked by. */
export type Narrowed = { part: Part; query: string };

type Messages = Extract<PartAnswer, { kind: "messages" }>;

export const askGraylog =
  (converseWithin: (signal: AbortSignal) => Converse, settings: AskSettings): Ask =>
  async ({ filters, window, parts }, signal) => {
    const converse = converseWithin(signal);
    const narrowed: Narrowed[] = [];
    for (const part of Object.values(parts)) {
      const query = graylogQuery(part.filter === undefined ? filters : [...filters, part.filter]);
      if (!query.ok) return query;
      narrowed.push({ part, query: query.value });
    }
    const first = await askParts(converse, settings, narrowed, window);
    if (!first.ok) return first;
    const answers: PartAnswer[] = [];
    for (const [index, { part, query }] of narrowed.entries()) {
      const answer = first.value[index];
      if (!answer) throw new Error("A part was asked and not answered.");
      const whole = await withLaterPages(converse, settings, { part, query }, window, answer);
      if (!whole.ok) return whole;
      answers.push(whole.value);
    }
    const truncated = narrowed.some(({ part }, index) => isCut(part, answers[index]));
    const named = Object.keys(parts).map((name, index) => [name, answers[index]]);
    return ok({ parts: Object.fromEntries(named), truncated });
  };

/** In one request; answers come in the order of the parts. */
export const askParts = async (
  converse: Converse,
  settings: AskSettings,
  narrowed: readonly Narrowed[],
  window: Window,
): Promise<Result<PartAnswer[], Failure>> => {
  if (narrowed.length === 0) return ok([]);
  const searches: Search[] = [];
  for (const { part, query } of narrowed) {
    const problem = partProblem(part, window);
    if (problem) return fail(badQuery(problem));
    const search = searchOf(part, query, window, settings);
    if (!search.ok) return search;
    searches.push(search.value);
  }
  const body = searchBody(searches, settings.streams);
  const answer = await converse({ method: "POST", path: "views/search/sync", body }, searchAnswer, searchProblem);
  const queries = searches.map(({ query }) => query);
  if (!answer.ok) return fail(await withReason(answer.error, queries, window, converse));
  const answers: PartAnswer[] = [];
  for (const [index, { part }] of narrowed.entries()) {
    const own = partAnswer(part, index, searches[index]?.searchTypes.length ?? 0, answer.value, window);
    if (!own.ok) return own;
    answers.push(own.value);
  }
  return ok(answers);
};

/** Pages stay small, because the server keeps each in memory for a while; they follow each other until enough is read. */
const withLaterPages = async (
  converse: Converse,
  settings: AskSettings,
  { part, query }: Narrowed,
  window: Window,
  first: PartAnswer,
): Promise<Result<PartAnswer, Failure>> => {
  if (part.kind !== "messages" || first.kind !== "messages") return ok(first);
  const wanted = Math.min(part.limit, settings.maxMessages);
  const whole: Messages = { ...first, entries: [...first.entries] };
  while (whole.next !== null && whole.entries.length < wanted) {
    const later: Part = { ...part, after: whole.next, limit: wanted - whole.entries.length };
    const page = await askParts(converse, settings, [{ part: later, query }], window);
    if (!page.ok) return page;
    const [given] = page.value;
    if (given?.kind !== "messages") throw new Error("A page of messages was asked and not answered.");
    whole.entries.push(...given.entries);
    whole.next = given.next;
  }
  return ok(whole);
};

/** A page that holds as many messages as were asked for is whole, though more exist. */
const isCut = (part: Part, answer: PartAnswer | undefined): boolean => {
  if (answer?.kind === "messages" && part.kind === "messages") {
    return answer.next !== null && answer.entries.length < part.limit;
  }
  return answer !== undefined && "truncated" in answer && answer.truncated;
};
