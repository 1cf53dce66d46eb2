// Parameters of a plug-in as they come from outside: checked by the plug-in's own schema, secrets parted and sealed.
import type { InputError } from "@logwatch/events/api";
import type * as z from "zod";
import { reportParams } from "../apply/check-plugins.ts";
import type { Path } from "../apply/read-watch.ts";
import { secretFields, splitSecrets } from "../apply/split-secrets.ts";
import { fail, ok, type Result } from "../lib/result.ts";
import { open, seal } from "../lib/secret.ts";
import { type Refusal, unprocessable } from "./refusal.ts";

type Params = Record<string, unknown>;

/** What a plug-in says of given parameters: nothing, or one entry a field. `at`: where they stand in the input. */
export const paramErrors = (schema: z.ZodType, params: Params, at: string): InputError[] => {
  const errors: InputError[] = [];
  reportParams(schema, params, [at], (path, rule) => errors.push(errorAt(path, rule)));
  return errors;
};

/** The keys of parameters are anybody's text, of any length. */
const mostKeyChars = 80;

/** How the API tells what is wrong at `path`. */
export const errorAt = (path: Path, rule: string): InputError => ({
  path: path.map((part) => String(part).slice(0, mostKeyChars)).join("."),
  rule,
});

/** `params` without secrets, and those sealed. Secret fields that are left out keep what `storedSecret` holds. */
export const sealParams = (
  schema: z.ZodType,
  given: Params,
  storedSecret: string,
  key: string,
  at: string,
): Result<{ params: Params; secret: string }, Refusal> => {
  const whole = { ...openSecrets(storedSecret, key, secretFields(schema)), ...given };
  const errors = paramErrors(schema, whole, at);
  if (errors.length > 0) return fail(unprocessable(errors));
  return ok(splitSecrets(schema, whole, (plain) => seal(plain, key)));
};

/** The secret fields that are set; those the schema no longer knows are gone. */
export const openSecrets = (sealed: string, key: string, known: ReadonlySet<string>): Params => {
  if (sealed === "") return {};
  const opened: unknown = JSON.parse(open(sealed, key));
  if (opened === null || typeof opened !== "object") return {};
  return Object.fromEntries(Object.entries(opened).filter(([field]) => known.has(field)));
};
