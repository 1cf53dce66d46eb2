// Users of the instance as its admins see and change them.
import * as z from "zod";
import { instant } from "../instant.ts";
import { account, emailAddress, instanceRole } from "./account.ts";

const state = z
  .enum(["active", "disabled"])
  .meta({ description: "Disabled: signs in no more, tokens are refused, jobs are off." });

export const user = account.extend({ state });
export type UserView = z.output<typeof user>;

export const userChange = z.strictObject({ role: instanceRole, state });

export const invitationInput = z.strictObject({ email: emailAddress });
export const invitation = z.object({
  email: z.string(),
  expiresAt: instant,
  sent: z.boolean().meta({ description: "False: the mail could not be sent now. Invite again." }),
});
