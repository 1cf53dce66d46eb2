// The contract of an analysis: a question and what its answer means. Pure: it never fetches and never draws.
import type { Measurement, View, Window } from "@logwatch/events";
import type * as z from "zod";
import type { Answer, Part } from "../lib/question.ts";

/** What an analysis asks of a source, beside the service's own filter. */
export type AnalysisQuestion = { filter?: string; parts: Record<string, Part> };
/** `examples` are log lines behind the numbers, newest first; `truncated` names the measurements whose label sets were cut. */
export type AnalysisOutcome = { measurements: Measurement[]; views: View[]; examples: string[]; truncated: string[] };

/** Which measurement: its name and labels. */
export type Measured = Pick<Measurement, "name" | "labels">;

/** Labels by the name of a measurement. */
export type Measures = Readonly<Record<string, readonly string[]>>;

export type Analysis = {
  id: string;
  title: string;
  description: string;
  params: z.ZodType;
  /** The measurements made with these parameters, and the labels of each: a rule may watch these and no others. */
  measures: (params: unknown) => Measures;
  /** @throws ZodError when `params` are not what the schema says. */
  question: (params: unknown, window: Window) => AnalysisQuestion;
  /** Takes the answer to its own question. An empty log gives zeros, never a crash. */
  measure: (answer: Answer, params: unknown, window: Window) => AnalysisOutcome;
  /**
   * Clauses in the source's query language, beside the service's own filter, that select the log lines behind one measurement. All must
   * hold, and each parses alone. Where no filter can tell the lines apart they select more, and never fewer.
   */
  evidence: (params: unknown, measured: Measured) => string[];
};

/** Closes over the schema, so that outside every analysis has the same type. */
export const defineAnalysis = <Params extends z.ZodType>(analysis: {
  id: string;
  title: string;
  description: string;
  params: Params;
  measures: (params: z.output<Params>) => Measures;
  question: (params: z.output<Params>, window: Window) => AnalysisQuestion;
  measure: (answer: Answer, params: z.output<Params>, window: Window) => AnalysisOutcome;
  evidence: (params: z.output<Params>, measured: Measured) => string[];
}): Analysis => ({
  ...analysis,
  measures: (params) => analysis.measures(analysis.params.parse(params)),
  question: (params, window) => analysis.question(analysis.params.parse(params), window),
  measure: (answer, params, window) => analysis.measure(answer, analysis.params.parse(params), window),
  evidence: (params, measured) => analysis.evidence(analysis.params.parse(params), measured),
});
