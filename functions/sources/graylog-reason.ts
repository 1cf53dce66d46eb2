// Asks Graylog why a query failed: the search itself says only that all shards failed, which may also be the log store's fault.
import type { Failure, Window } from "@logwatch/events";
import * as z from "zod";
import type { Converse } from "./graylog-client.ts";
import { saysNothing } from "./graylog-failure.ts";
import { timerange } from "./graylog-search.ts";
import { badQuery } from "./joined-filter.ts";

const validation = z.object({
  status: z.string(),
  explanations: z
    .array(
      z.object({
        error_type: z.string().nullish(),
        error_message: z.string().nullish(),
        begin_line: z.number().nullish(),
        begin_column: z.number().nullish(),
      }),
    )
    .nullish(),
});

/** The same failure with its reason; where no query is at fault, a failure of the log store, worth another try. */
export const withReason = async (
  failure: Failure,
  queries: readonly string[],
  window: Window,
  converse: Converse,
): Promise<Failure> => {
  if (failure.kind !== "bad-query" || !saysNothing(failure.message)) return failure;
  for (const query of new Set(queries)) {
    const body = { query, timerange: timerange(window) };
    const answer = await converse({ method: "POST", path: "search/validate", body }, validation);
    if (!answer.ok) return failure;
    if (answer.value.status !== "ERROR") continue;
    const [first] = answer.value.explanations ?? [];
    const { begin_line: line, begin_column: column, error_message: said } = first ?? {};
    const where = typeof column === "number" ? ` (line ${line ?? 1}, column ${column})` : "";
    return badQuery(`Graylog cannot read the query${where}: ${(said ?? "it does not say why").slice(0, 300)}`);
  }
  return {
    kind: "overloaded",
    message: "Graylog's log store failed to search, though nothing is wrong with the query.",
    retryable: true,
  };
};
