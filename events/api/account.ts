// Accounts as the API shows and takes them: who one is, and how one comes in.
import * as z from "zod";
import { instant } from "../instant.ts";
import { id, name } from "./id.ts";

/** Bounds what is read; what a password must be is told by the routes that take a new one. */
const maxPasswordCharacters = 1_000;
const maxEmailCharacters = 254;
const maxTokenCharacters = 200;

export const emailAddress = z
  .email("must be an e-mail address")
  .max(maxEmailCharacters)
  .refine(isOfLengths, "must have at most 64 characters before its @, and 63 between two dots behind it")
  .meta({ description: "An e-mail address; its case does not count." });

/** Lengths of RFC 5321 §4.5.3.1.1 and RFC 1035 §2.3.4. */
function isOfLengths(address: string): boolean {
  const [local = "", domain = ""] = address.split("@");
  return local.length <= 64 && domain.split(".").every((label) => label.length <= 63);
}

export const password = z
  .string()
  .min(1)
  .max(maxPasswordCharacters)
  .meta({ description: "15 characters at least, 72 bytes at most, and not easy to guess." });

export const mailedToken = z
  .string()
  .min(1)
  .max(maxTokenCharacters)
  .meta({ description: "From the mail: what stands behind `#token=`." });

export const instanceRole = z.enum(["user", "admin"]).meta({ description: "On the instance." });

export const registration = z.strictObject({
  email: emailAddress,
  name,
  password,
  invitation: mailedToken.optional().meta({ description: "Where accounts are made by invitation: from the mail." }),
});

export const credentials = z.strictObject({ email: emailAddress, password });

export const account = z.object({
  id,
  email: z.string(),
  name: z.string(),
  role: instanceRole,
  version: z.number().int(),
  createdAt: instant,
  updatedAt: instant,
});
export type AccountView = z.output<typeof account>;

/** Who calls, and by what. */
export const me = account.extend({
  via: z.enum(["session", "token"]).meta({ description: "How this request signed in." }),
  scope: z.enum(["read", "write"]).meta({ description: "What it may do." }),
});

export const accountChange = z.strictObject({ name });
export const passwordChange = z.strictObject({ currentPassword: password, newPassword: password });
export const forgottenPassword = z.strictObject({ email: emailAddress });
export const passwordReset = z.strictObject({ token: mailedToken, newPassword: password });

const namedThing = z.object({ id: z.string(), name: z.string() });

/** What goes with an account. */
export const accountDeletion = z.object({
  sources: z.number().int(),
  jobs: z.number().int().meta({ description: "Also those of others, on the services that go." }),
  destinations: z.number().int(),
  services: z.array(
    namedThing.extend({ others: z.number().int().meta({ description: "Further members, who lose it." }) }),
  ),
  toHandOver: z.array(namedThing).meta({ description: "Services of others that need another owner before." }),
});
export type AccountDeletion = z.output<typeof accountDeletion>;

/** Asked for where members of a service would lose it. */
export const sharedServices = z
  .enum(["delete"])
  .optional()
  .meta({ description: "`delete`: services that others are members of go, too." });

export const accountDeletionOrder = z.strictObject({ password, sharedServices });
