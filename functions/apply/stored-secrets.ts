// Apply step: secrets of a watch file beside those that are stored. One that is named by its own variable, which is not set, stays as it is;
// one that did not change keeps its sealed text, so that applying a file again changes nothing.
import type * as z from "zod";
import type { Report } from "./check-plugins.ts";
import { notSet, type Path, type ReadWatch } from "./read-watch.ts";
import { type SecretKind, secretVariable } from "./secret-variables.ts";
import { type Sealing, secretFields, splitSecrets } from "./split-secrets.ts";

/** Opens what is sealed. */
export type Opening = (sealed: string) => string;

/** A thing of the file that has settings, where it stands, and which of its fields hold the plug-in's id and those settings. */
export type SecretHolder = {
  kind: SecretKind;
  name: string;
  path: Path;
  fields: readonly [string, string];
  schema: z.ZodType | undefined;
};

type Params = Record<string, unknown>;

/** The secret fields that are stored. */
export const openedSecret = (secret: string, open: Opening): Params => {
  const opened: unknown = secret === "" ? {} : JSON.parse(open(secret));
  return opened !== null && typeof opened === "object" ? { ...opened } : {};
};

/** `given` with stored secrets where their own variables are not set. Any other variable that is not set is told, and then it is not whole. */
export const fillStored = (
  given: Params,
  { kind, name, path, fields, schema }: SecretHolder,
  unset: ReadWatch["unset"],
  stored: Params,
  report: Report,
): { params: Params; isWhole: boolean } => {
  const at = [...path, fields[1]];
  const secret = secretFields(schema);
  let isWhole = true;
  const filled = Object.entries(given).map(([field, value]) => {
    const variable = unset.get([...at, field].join("."));
    if (variable === undefined) return [field, value];
    const isOwn = secret.has(field) && variable === secretVariable(kind, name, field);
    if (isOwn && Object.hasOwn(stored, field)) return [field, stored[field]];
    report([...at, field], notSet(variable));
    isWhole = false;
    return [field, value];
  });
  return { params: Object.fromEntries(filled), isWhole };
};

/** As `splitSecrets`; the sealed text is the stored one when it says the same. */
export const sealAnew = (
  schema: z.ZodType | undefined,
  params: Params,
  before: { secret: string; opened: Params },
  seal: Sealing,
): { params: Params; secret: string } =>
  splitSecrets(schema, params, (plain) => (isSame(plain, before.opened) ? before.secret : seal(plain)));

const isSame = (plain: string, opened: Params): boolean => {
  const given = Object.entries<unknown>(JSON.parse(plain));
  return given.length === Object.keys(opened).length && given.every(([field, value]) => opened[field] === value);
};
