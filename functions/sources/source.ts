// The contract of a source: a log store that can be asked. A source only asks and translates; it decides nothing.
import type * as z from "zod";
import type { Ask, AskArrivals } from "../lib/question.ts";

/** An opened source. `arrivals` is absent where the store does not know when a message arrived. */
export type OpenSource = { ask: Ask; arrivals?: AskArrivals };

export type Source = {
  id: string;
  title: string;
  description: string;
  /** Schema of the settings a user gives: address, credentials, … Secret ones carry `.meta({ secret: true })`. */
  params: z.ZodType;
  /** @throws ZodError when the settings are not what `params` says. */
  open: (params: unknown) => OpenSource;
};

/** Closes over the schema, so that outside every source has the same type. */
export const defineSource = <Params extends z.ZodType>(source: {
  id: string;
  title: string;
  description: string;
  params: Params;
  open: (params: z.output<Params>) => OpenSource;
}): Source => ({ ...source, open: (params) => source.open(source.params.parse(params)) });
