// The audit log: who did what to what, when, from where. Only read.
import * as z from "zod";
import { instant } from "../instant.ts";
import { id } from "./id.ts";
import { pageQuery } from "./page.ts";

export const auditQuery = z.strictObject({
  ...pageQuery,
  objectId: id.optional().meta({ description: "Only what was done to this." }),
  actorId: id
    .optional()
    .meta({ description: "Only what this user did. Whoever is no admin sees their own deeds alone." }),
});

export const auditEntry = z.object({
  id,
  at: instant,
  actorId: z.string().meta({ description: "`nobody` before sign-in." }),
  actorName: z.string().meta({ description: "As it was then." }),
  action: z.string().meta({ description: "E.g. `job.changed`." }),
  kind: z.string(),
  objectId: z.string(),
  address: z.string(),
  requestId: z.string(),
  before: z.unknown().meta({ description: "What it was, without secrets; null when there was nothing." }),
  after: z.unknown().meta({ description: "What it became." }),
});
