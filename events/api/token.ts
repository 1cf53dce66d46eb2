// API tokens as the API shows and takes them: for scripts, shown once.
import * as z from "zod";
import { instant } from "../instant.ts";
import { id, name } from "./id.ts";

const scope = z.enum(["read", "write"]).meta({ description: "`write` includes reading." });

export const apiTokenInput = z.strictObject({
  name,
  scope: scope.default("read"),
  expiresAt: instant.nullable().default(null).meta({ description: "When it ends; null: never." }),
});

export const apiToken = z.object({
  id,
  name: z.string(),
  scope,
  prefix: z.string().meta({ description: "How it begins, to recognise it by." }),
  createdAt: instant,
  usedAt: instant.nullable().meta({ description: "Last used, to a minute." }),
  expiresAt: instant.nullable(),
});
export type ApiTokenView = z.output<typeof apiToken>;

export const newApiToken = apiToken.extend({
  token: z.string().meta({ description: "Send it as `Authorization: Bearer …`. It is shown here and never again." }),
});
