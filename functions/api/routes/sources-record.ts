// A source between what people give and what is kept: its kind looked up, its settings checked, its secrets sealed and never shown.
import { maxParamsBytes, type SourceView, type sourceInput } from "@logwatch/events/api";
import type * as z from "zod";
import { secretFields } from "../../apply/split-secrets.ts";
import { fail, ok, type Result } from "../../lib/result.ts";
import { seal } from "../../lib/secret.ts";
import type { Source } from "../../sources/source.ts";
import { isInstanceOwner, type SourceRecord, type Stored } from "../../storage/configuration.ts";
import { sealParams } from "../plugin-params.ts";
import { type Refusal, unprocessable } from "../refusal.ts";
import { secretsOf, sourceKinds } from "./sources-open.ts";

/** As the API shows it. A secret that does not open any more counts as not set. */
export const viewOfSource = (
  { item, ownerId, version, createdAt, updatedAt }: Stored<SourceRecord>,
  key: string,
): SourceView => {
  const secrets = Object.keys(secretsOf(item, key) ?? {});
  const { id, name, kind, params } = item;
  return { id, name, kind, params, secrets, version, createdAt, updatedAt, managedByFile: isInstanceOwner(ownerId) };
};

/** The plug-in of that id, or which there are. */
export const kindOf = (id: string): Result<Source, Refusal> => {
  const kind = sourceKinds.find(id);
  if (kind) return ok(kind);
  const known = sourceKinds.all.map((one) => one.id).join(", ");
  return fail(unprocessable([{ path: "body.kind", rule: `there is no such source kind; known: ${known}` }]));
};

/** The record of what was given; `before` is what it replaces. */
export const recordOf = (
  id: string,
  { name, kind: kindId, params: given }: z.output<typeof sourceInput>,
  before: SourceRecord | undefined,
  key: string,
): Result<SourceRecord, Refusal> => {
  const kind = kindOf(kindId);
  if (!kind.ok) return kind;
  const known = secretFields(kind.value.params);
  const isCleared = (field: string) => known.has(field) && given[field] === null;
  const params = Object.fromEntries(Object.entries(given).filter(([field]) => !isCleared(field)));
  const kept = before?.kind === kindId ? Object.entries(secretsOf(before, key) ?? {}) : [];
  const stays = Object.fromEntries(kept.filter(([field]) => !isCleared(field)));
  if (before && originsOf(before.params) !== originsOf(params)) {
    // Whoever may change the address must not have a secret they never knew sent to an address of theirs.
    const untold = Object.keys(stays).filter((field) => !Object.hasOwn(params, field));
    const rule = "must be given again, as the address is another one";
    if (untold.length > 0) return fail(unprocessable(untold.map((field) => ({ path: `body.params.${field}`, rule }))));
  }
  const sealedBefore = Object.keys(stays).length === 0 ? "" : seal(JSON.stringify(stays), key);
  const sealed = sealParams(kind.value.params, params, sealedBefore, key, "body.params");
  if (!sealed.ok) return sealed;
  const { params: plain, secret } = sealed.value;
  if (Buffer.byteLength(JSON.stringify(plain)) > maxParamsBytes || secret.length > maxParamsBytes) {
    const rule = `must not be longer than ${maxParamsBytes} bytes of JSON, nor its sealed secrets`;
    return fail(unprocessable([{ path: "body.params", rule }]));
  }
  return ok({ id, name, kind: kindId, params: plain, secret });
};

/** Where its settings lead, in a fixed order. */
export const originsOf = (params: Record<string, unknown>): string =>
  Object.values(params)
    .flatMap((value) => (typeof value === "string" && URL.canParse(value) ? [new URL(value).origin] : []))
    .sort()
    .join();
