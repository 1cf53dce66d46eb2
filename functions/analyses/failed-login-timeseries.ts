// Analysis: failed logins over time, whole and by the values of one field.
import * as z from "zod";
import { defineAnalysis } from "./analysis.ts";
import { cutIn } from "./answer-parts.ts";
import { labelClauses } from "./evidence.ts";
import { failedLoginFilter } from "./login-params.ts";
import { counted, countedGroups, stat, timeseries } from "./measured.ts";
import { partsOverTime, readOverTime } from "./over-time.ts";
import { bucketParam, maxGroupsParam, optionalFieldParam } from "./params.ts";

const params = z.strictObject({
  filter: failedLoginFilter(),
  every: bucketParam(),
  by: optionalFieldParam({ title: "By field", description: "A line for each value of this field; empty: one line." }),
  maxGroups: maxGroupsParam(),
});

export const failedLoginTimeseries = defineAnalysis({
  id: "failed-login-timeseries",
  title: "Failed logins over time",
  description: "How many sign-ins failed in each moment of the window, and in the fullest one.",
  params,
  measures: ({ by }) => ({
    failed_logins: [],
    failed_logins_peak: [],
    ...(by === "" ? {} : { failed_logins_by_value: ["value"] }),
  }),
  question: (params, window) => ({ filter: params.filter, parts: partsOverTime(params, window) }),
  measure: (answer, { by }) => {
    const { total, peak, whole, values, lines } = readOverTime(answer, by);
    return {
      measurements: [
        counted("failed_logins", total),
        counted("failed_logins_peak", peak),
        ...countedGroups("failed_logins_by_value", ["value"], values),
      ],
      views: [
        stat("Failed logins", total),
        timeseries("Failed logins over time", by, whole),
        ...(by === "" ? [] : [timeseries(`Failed logins by ${by}`, by, lines)]),
      ],
      examples: [],
      truncated: by === "" ? [] : cutIn(answer, { values: "failed_logins_by_value" }),
    };
  },
  // Of the fullest bucket these are the lines of the whole window: a filter does not say when.
  evidence: ({ filter, by }, { labels }) => [filter, ...(by === "" ? [] : labelClauses({ value: by }, labels))],
});
