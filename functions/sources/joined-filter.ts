// The clauses of a question as one query. Each must parse alone, so none can reach out of its brackets.
import type { Failure } from "@logwatch/events";
import { conjunction, type FilterProblem } from "../lib/lucene.ts";
import { fail, type Result } from "../lib/result.ts";

/** `*` where nothing narrows the question. */
export const joinedFilter = (filters: readonly string[]): Result<string, Failure> => {
  const joined = conjunction(filters);
  return joined.ok ? joined : fail(filterProblem(joined.error));
};

export const filterProblem = ({ message, position }: FilterProblem): Failure =>
  badQuery(position === null ? message : `${message} (at position ${position})`);

export const badQuery = (message: string): Failure => ({ kind: "bad-query", message, retryable: false });
