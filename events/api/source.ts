// Sources as the API shows and takes them. Secrets go in and never come out.
import * as z from "zod";
import { instant } from "../instant.ts";
import { id, name } from "./id.ts";

const params = z.record(z.string().max(100), z.unknown()).meta({
  description:
    "Settings of the source, as its kind's own schema says. Secret ones are written and never shown; left out of a change, they stay.",
});

/** What people set. */
export const sourceInput = z.strictObject({
  name,
  kind: z.string().max(100).meta({ description: "Id of a source plug-in, e.g. `graylog`." }),
  params,
});

export const source = z.object({
  id,
  name,
  kind: z.string(),
  params,
  secrets: z.array(z.string()).meta({ description: "Names of the secret settings that are set." }),
  version: z.number().int(),
  createdAt: instant,
  updatedAt: instant,
  managedByFile: z.boolean().meta({ description: "True: it is changed in the instance's watch file, not here." }),
});
export type SourceView = z.output<typeof source>;
