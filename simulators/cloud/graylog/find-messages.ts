// Finds what a query asks for. In: query text, window, streams. Out: messages, or the log store's refusal.
import type { Window } from "@logwatch/events";
import { type FilterProblem, parseFilter } from "../../../functions/lib/lucene.ts";
import { compileFilter, type Matches } from "../../../functions/lib/lucene-match.ts";
import type { Result } from "../../../functions/lib/result.ts";
import { allShardsFailed, openSearchError, searchProblem } from "./api-answer.ts";
import { defaultStream, type Message, readField } from "./message.ts";
import type { MessageStore } from "./message-store.ts";

export type Find = { query: string; window: Window; streams: readonly string[] };

/** Oldest first. */
export const findMessages = (store: MessageStore, { query, window, streams }: Find): Message[] => {
  checkStreams(streams);
  const parsed = parseQuery(query);
  if (!parsed.ok) return searchProblem(allShardsFailed);
  const messages = store.within(window);
  if (streams.length > 0 && !streams.includes(defaultStream.id)) return [];
  return parsed.value === undefined ? messages : messages.filter(matching(parsed.value));
};

const matching = (matches: Matches) => {
  // One closure for all messages: `current` is the one that is being looked at.
  let current: Message | undefined;
  const read = (name: string) => current && readField(current, name);
  const values = () => current?.fields.values() ?? [];
  return (message: Message): boolean => {
    current = message;
    return matches(read, values);
  };
};

/** Undefined for a query that everything matches. */
export const parseQuery = (query: string): Result<Matches | undefined, FilterProblem> => {
  const parsed = parseFilter(query, graylogLimits);
  if (!parsed.ok) return parsed;
  return { ok: true, value: parsed.value.root.kind === "all" ? undefined : compileFilter(parsed.value) };
};

/** Graylog's defaults. */
const graylogLimits = {
  maxLength: 10_000_000,
  maxClauses: 1024,
  maxDepth: 500,
  allowLeadingWildcard: false,
  allowRegex: true,
  allowOpenFuzzy: true,
};

/** The default stream holds every message; those of events exist and are empty. */
export const knownStreams: readonly string[] = [
  defaultStream.id,
  "000000000000000000000002",
  "000000000000000000000003",
];

const checkStreams = (streams: readonly string[]): void => {
  for (const id of streams) {
    if (!/^[0-9a-fA-F]{24}$/.test(id)) searchProblem("state should be: hexString has 24 characters.");
    if (!knownStreams.includes(id)) searchProblem(openSearchError("index_not_found_exception", "no such index []"));
  }
};
