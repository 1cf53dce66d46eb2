// The wrapper of every event: who it is, what it is, when it was made and which event led to it.
import * as z from "zod";
import { instant } from "./instant.ts";

/**
 * The schema of one event type. `id` is derived from what the event is about wherever a retry must not count twice;
 * `cause` is the id of the event that led to this one, so an alert can be followed back to its tick.
 */
export const envelope = <Type extends string, Data extends z.ZodType>(type: Type, data: Data) =>
  z.object({
    id: z.string().min(1),
    type: z.literal(type),
    at: instant,
    cause: z.string().nullable(),
    data,
  });
