// Parameters of a plug-in as they come from outside: checked by the plug-in's own schema, secrets parted and sealed.
import type { InputError } from "@logwatch/events/api";
import type * as z from "zod";
import { secretFields, splitSecrets } from "../apply/split-secrets.ts";
import { fail, ok, type Result } from "../lib/result.ts";
import { open, seal } from "../lib/secret.ts";
import { type Refusal, unprocessable } from "./refusal.ts";

type Params = Record<string, unknown>;

/** What a plug-in says of given parameters: nothing, or one entry a field. `at`: where they stand in the input. */
export const paramErrors = (schema: z.ZodType, params: Params, at: string): InputError[] => {
  const parsed = schema.safeParse(params);
  if (parsed.success) return [];
  return parsed.error.issues.flatMap((issue) => {
    const path = [at, ...issue.path.map(String)];
    if (issue.code !== "unrecognized_keys") return [{ path: path.join("."), rule: issue.message }];
    return issue.keys.map((key) => ({ path: [...path, key.slice(0, 80)].join("."), rule: "is not known here" }));
  });
};

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
