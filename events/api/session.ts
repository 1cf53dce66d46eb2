// Sessions as the API shows them: where somebody is signed in.
import * as z from "zod";
import { instant } from "../instant.ts";
import { id } from "./id.ts";

export const session = z.object({
  id,
  current: z.boolean().meta({ description: "True: the one this request came with." }),
  address: z.string().meta({ description: "Where it signed in from." }),
  agent: z.string().meta({ description: "What its browser called itself." }),
  createdAt: instant,
  seenAt: instant.meta({ description: "Last used, to a minute." }),
  expiresAt: instant.meta({ description: "It ends then at the latest." }),
});

export const revokedSessions = z.object({ revoked: z.number().int() });
