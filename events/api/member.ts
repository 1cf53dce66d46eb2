// Members of a service as the API shows and takes them.
import * as z from "zod";
import { instant } from "../instant.ts";
import { emailAddress } from "./account.ts";
import { id } from "./id.ts";
import { serviceRole } from "./service.ts";

export const member = z.object({
  userId: id,
  name: z.string(),
  email: z.string(),
  role: serviceRole,
  createdAt: instant,
  updatedAt: instant,
});
export type MemberView = z.output<typeof member>;

export const memberInput = z.strictObject({
  email: emailAddress.meta({ description: "Of an account of this instance." }),
  role: serviceRole,
});
export const memberChange = z.strictObject({ role: serviceRole });

export const memberRemoval = z.object({
  jobsOff: z.number().int().meta({ description: "Jobs of theirs on the service that were turned off." }),
});
