// The contract of a source: a log store that can be asked. A source only asks and translates; it decides nothing.
import type { Failure, Window } from "@logwatch/events";
import type * as z from "zod";
import type { GuardedFetch } from "../lib/egress.ts";
import type { Ask, AskArrivals } from "../lib/question.ts";
import type { Result } from "../lib/result.ts";

/** What a log store says it is. `detail` is a sentence on what will not work with it, where there is something. */
export type Probed = { product: string; version: string; detail?: string };

/** Checks address, credentials and the permission to search, cheaply; a failure is a sentence a user can act on. */
export type Probe = (signal: AbortSignal) => Promise<Result<Probed, Failure>>;

/** `name` as the store keeps it. `unknown`: of several kinds, or of one that only the store knows. */
export type Field = { name: string; kind: "text" | "number" | "date" | "address" | "boolean" | "unknown" };

/**
 * The fields that matching messages of the window have, sorted by name, at most `maxFields`. A store that cannot tell them apart by
 * filter lists those of all its messages.
 */
export type ListFields = (
  query: { filters: readonly string[]; window: Window },
  signal: AbortSignal,
) => Promise<Result<Field[], Failure>>;

export const maxFields = 2000;

/**
 * What answers questions. `arrivals` is absent where the store does not know when a message arrived; `probe` and `fields` where
 * nobody opened it from settings, as in tests.
 */
export type OpenSource = { ask: Ask; arrivals?: AskArrivals; probe?: Probe; fields?: ListFields };

/** A source opened from its settings can also tell of itself. */
export type OpenedSource = OpenSource & { probe: Probe; fields: ListFields };

/** What a source needs from outside: the one way to an address that a user gave. */
export type SourceOutside = { fetch: GuardedFetch };

export type Source = {
  id: string;
  title: string;
  description: string;
  /** Schema of the settings a user gives: address, credentials, … Secret ones carry `.meta({ secret: true })`. */
  params: z.ZodType;
  /** @throws ZodError when the settings are not what `params` says. */
  open: (params: unknown, outside: SourceOutside) => OpenedSource;
};

/** Closes over the schema, so that outside every source has the same type. */
export const defineSource = <Params extends z.ZodType>(source: {
  id: string;
  title: string;
  description: string;
  params: Params;
  open: (params: z.output<Params>, outside: SourceOutside) => OpenedSource;
}): Source => ({ ...source, open: (params, outside) => source.open(source.params.parse(params), outside) });
