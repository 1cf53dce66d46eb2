// Services as the API shows and takes them: what a user watches, a source and a filter.
import * as z from "zod";
import { instant } from "../instant.ts";
import { filterText } from "./field.ts";
import { id, name } from "./id.ts";

/** What a member may do on a service. */
export const serviceRole = z.enum(["viewer", "editor", "owner"]).meta({
  description: "viewer: sees; editor: also makes jobs and silences; owner: also changes the service and its members.",
});

const colour = z
  .string()
  .regex(/^#[0-9a-fA-F]{6}$/, "must be a colour such as #3366cc")
  .meta({ description: "Its colour in charts." });

/** What people set. */
export const serviceInput = z.strictObject({
  name,
  sourceId: id.meta({ description: "A source of yours." }),
  filter: filterText.default("*"),
  colour: colour.default("#5b7fa6"),
});

export const service = z.object({
  id,
  name,
  sourceId: z.string(),
  filter: z.string(),
  colour: z.string(),
  role: serviceRole.meta({ description: "Yours." }),
  version: z.number().int(),
  createdAt: instant,
  updatedAt: instant,
  managedByFile: z.boolean().meta({ description: "True: it is changed in the instance's watch file, not here." }),
});
export type ServiceView = z.output<typeof service>;
