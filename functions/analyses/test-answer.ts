// For tests: an analysis from its question to its outcome, as analyze runs it, over a log that the test gives.
import { type FieldValue, type LogEntry, measurement, view, type Window } from "@logwatch/events";
import * as z from "zod";
import type { Answer, Ask } from "../lib/question.ts";
import type { Analysis, AnalysisOutcome } from "./analysis.ts";

const minute = 60_000;
export const testWindow: Window = { from: 100 * minute, to: 105 * minute };

/** A log entry in the test window; `second` counts from its start. */
export const logged = (
  second: number,
  service: string,
  fields: Record<string, FieldValue>,
  message = "",
): LogEntry => ({
  at: testWindow.from + second * 1000,
  service,
  host: "host-1.example.com",
  level: null,
  message,
  fields,
});

/** @throws when the source does not answer. */
export const answerTo = async (ask: Ask, analysis: Analysis, params: unknown, window = testWindow): Promise<Answer> => {
  const { filter, parts } = analysis.question(params, window);
  const filters = filter === undefined ? [] : [filter];
  const asked = await ask({ filters, window, parts }, new AbortController().signal);
  if (!asked.ok) throw new Error(asked.error.message);
  return asked.value;
};

const outcome = z.object({
  measurements: z.array(measurement),
  views: z.array(view),
  examples: z.array(z.string()),
  truncated: z.array(z.string()),
});

/** The outcome, after it was seen to survive the way over the bus. */
export const outcomeOf = async (
  ask: Ask,
  analysis: Analysis,
  params: unknown = {},
  window = testWindow,
): Promise<AnalysisOutcome> => {
  const measured = analysis.measure(await answerTo(ask, analysis, params, window), params, window);
  return z.decode(outcome, JSON.parse(JSON.stringify(z.encode(outcome, measured))));
};

/** `name{labels}` → value: what a test says about measurements in few words. */
export const valuesOf = ({ measurements }: AnalysisOutcome): Record<string, number> =>
  Object.fromEntries(
    measurements.map(({ name, labels, value }) => {
      const text = Object.entries(labels).map(([label, own]) => `${label}=${own}`);
      return [text.length === 0 ? name : `${name}{${text.join(",")}}`, value];
    }),
  );
