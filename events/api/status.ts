// How the instance goes, as far as its users are concerned.
import * as z from "zod";
import { instant } from "../instant.ts";

const count = z.number().int().min(0);

export const component = z.object({
  kind: z.enum(["database", "redis", "bus", "source", "channel"]),
  id: z.string().meta({ description: "Of a source its id, of a channel its plug-in's; else the kind again." }),
  name: z.string(),
  state: z.enum(["up", "slow", "down", "unknown"]).meta({ description: "`unknown`: nothing was tried lately." }),
  since: instant.nullable().meta({ description: "Since when it is so, as far as is known." }),
  detail: z.string().meta({ description: "Why it is not up; empty otherwise." }),
});
export type Component = z.output<typeof component>;

export const status = z.object({
  at: instant,
  state: z.enum(["up", "slow", "down"]).meta({ description: "The worst of the database, Redis and the bus." }),
  components: z
    .array(component)
    .meta({ description: "Sources of the services you see, and channels of your destinations." }),
  lag: z
    .record(z.string(), count)
    .nullable()
    .meta({ description: "Records not read yet, by step; null: not known here." }),
  oldestDueMs: count.nullable().meta({ description: "How late the slot is that waits longest; null: none waits." }),
  deadLetters: count.nullable().meta({ description: "Records that no step could handle; null: not known here." }),
});
export type Status = z.output<typeof status>;
