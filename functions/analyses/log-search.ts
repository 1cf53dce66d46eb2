// Analysis: how many logs match a filter, whatever it is. The plainest question that a rule can be set on.
import * as z from "zod";
import { defineAnalysis } from "./analysis.ts";
import { countIn, examplesIn } from "./answer-parts.ts";
import { counted, stat } from "./measured.ts";
import { filterParam } from "./params.ts";

const mostExamples = 20;
const someExamples = 5;

const params = z.strictObject({
  filter: filterParam("*", {
    title: "Filter",
    description: "Which of the service's logs to count, in the source's query language.",
  }),
  maxExamples: z.number().int().min(1).max(mostExamples).default(someExamples).meta({
    title: "Most examples",
    description: "Most log lines shown beside the count, newest first.",
  }),
});

export const logSearch = defineAnalysis({
  id: "log-search",
  title: "Log search",
  description: "How many logs match a filter, and the newest of them.",
  params,
  measures: () => ({ matches: [] }),
  question: ({ filter, maxExamples }) => ({
    filter,
    parts: { matches: { kind: "count" }, examples: { kind: "messages", limit: maxExamples, fields: [] } },
  }),
  measure: (answer) => {
    const matches = countIn(answer, "matches");
    return {
      measurements: [counted("matches", matches)],
      views: [stat("Matches", matches)],
      examples: examplesIn(answer, "examples"),
      truncated: [],
    };
  },
  evidence: ({ filter }) => [filter],
});
