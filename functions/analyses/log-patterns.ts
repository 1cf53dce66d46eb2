// Analysis: when logs match a pattern, and with which values of a field. The pattern is a filter.
import * as z from "zod";
import { defineAnalysis } from "./analysis.ts";
import { cutIn, examplesIn } from "./answer-parts.ts";
import { labelClauses } from "./evidence.ts";
import { bars, counted, countedGroups, stat, timeseries } from "./measured.ts";
import { partsOverTime, readOverTime } from "./over-time.ts";
import { bucketParam, fieldParam, filterParam, maxGroupsParam } from "./params.ts";

const exampleCount = 5;

const params = z.strictObject({
  filter: filterParam("*", {
    title: "Pattern",
    description: "Which of the service's logs to count, in the source's query language.",
  }),
  field: fieldParam("source", {
    title: "By field",
    description: "A line for each value of this field; `source` is the host that wrote the log.",
  }),
  every: bucketParam(),
  maxGroups: maxGroupsParam(),
});

export const logPatterns = defineAnalysis({
  id: "log-patterns",
  title: "Pattern over time",
  description: "How often logs match a pattern over time, by the values of a field.",
  params,
  measures: () => ({ matches: [], matches_by_value: ["value"] }),
  question: ({ filter, field, every, maxGroups }, window) => ({
    filter,
    parts: {
      ...partsOverTime({ every, by: field, maxGroups }, window),
      examples: { kind: "messages", limit: exampleCount, fields: [] },
    },
  }),
  measure: (answer, { field }) => {
    const { total, whole, values, lines } = readOverTime(answer, field);
    return {
      measurements: [counted("matches", total), ...countedGroups("matches_by_value", ["value"], values)],
      views: [
        stat("Matches", total),
        timeseries("Matches over time", field, whole),
        timeseries(`Matches by ${field}`, field, lines),
        bars(`By ${field}`, values),
      ],
      examples: examplesIn(answer, "examples"),
      truncated: cutIn(answer, { values: "matches_by_value" }),
    };
  },
  evidence: ({ filter, field }, { labels }) => [filter, ...labelClauses({ value: field }, labels)],
});
