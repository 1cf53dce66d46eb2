// All of one user's things as a watch file, and a file as what it makes of them. Things of the same name keep their ids and secrets.
import { createHash } from "node:crypto";
import type { InputError } from "@logwatch/events/api";
import { compareWatch, type Difference } from "../../apply/compare-watch.ts";
import { compileWatch } from "../../apply/compile-watch.ts";
import { type Problem, readWatch } from "../../apply/read-watch.ts";
import type { FormOptions } from "../../apply/watch-forms.ts";
import type { IdOf } from "../../apply/watch-ids.ts";
import { writeWatch } from "../../apply/write-watch.ts";
import { fail, ok, type Result } from "../../lib/result.ts";
import { open, seal } from "../../lib/secret.ts";
import type { Configuration } from "../../storage/configuration.ts";
import type { Caller } from "../authenticate.ts";
import { isSameName } from "../check-job.ts";
import type { ApiPorts } from "../ports.ts";
import { settled } from "./destinations-record.ts";
import { checkAllowed, checkBounds } from "./watch-check.ts";
import type { Mine, NamedKind } from "./watch-mine.ts";

/** What the file is called inside; nothing depends on it. */
const fileName = "mine";

const formsOf = ({ outside }: Mine, key: string): FormOptions => ({
  open: opening(key),
  nameOf: (kind, id) => outside[kind].get(id),
});

/** The tag is the text's own: it changes whenever the file would. */
export const exportOf = (mine: Mine, key: string): { text: string; etag: string } => {
  const text = writeWatch(mine.scope, { name: fileName, ...formsOf(mine, key) });
  return { text, etag: `"${createHash("sha256").update(text).digest("base64url")}"` };
};

/** What the file would change. */
export const compareMine = (wanted: Configuration, mine: Mine, key: string): Difference[] =>
  compareWatch(mine.scope, wanted, formsOf(mine, key));

type Given = { file: string; variables: Readonly<Record<string, string>> };

/** What of the caller would be there after the file, or everything that is wrong with it. */
export const compileMine = (
  { file, variables }: Given,
  mine: Mine,
  { user }: Caller,
  at: number,
  { newId, config }: Pick<ApiPorts, "newId" | "config">,
): Result<Configuration, InputError[]> => {
  // Without a prototype: `${constructor}` is the name of a variable like any other.
  const read = readWatch(file, Object.assign(Object.create(null), variables));
  if (!read.ok) return fail(told(read.error));
  const unbounded = checkBounds(read.value);
  if (unbounded.length > 0) return fail(told(unbounded));
  const key = config.LOGWATCH_SECRETS_KEY;
  const compiled = compileWatch(read.value, {
    defaultSourceId: "",
    now: at,
    ownerId: user.id,
    seal: (plain) => seal(plain, key),
    idOf: idsIn(mine.scope, newId),
    stored: { ...mine.scope, open: opening(key) },
    confirmedAt: null,
    elsewhere: elsewhereOf(mine),
  });
  if (!compiled.ok) return fail(told(compiled.error));
  const refused = checkAllowed(read.value, compiled.value, mine, config);
  if (refused.length > 0) return fail(told(refused));
  const destinations = compiled.value.destinations.map((one) =>
    settled(
      one,
      mine.scope.destinations.find(({ id }) => id === one.id),
      at,
      config,
    ),
  );
  return ok({ ...compiled.value, destinations });
};

/** A secret that was sealed under another key is as good as none: it has to be given again. */
const opening =
  (key: string) =>
  (sealed: string): string => {
    try {
      return open(sealed, key);
    } catch {
      return "{}";
    }
  };

/** By name; names of jobs and of their rules are the same when only signs differ, as everywhere. */
const idsIn =
  (scope: Configuration, newId: () => string): IdOf =>
  (kind, name, within) => {
    const known: readonly { id: string; name: string }[] =
      kind === "rules" ? scope.rules.filter(({ jobId }) => jobId === within) : scope[kind];
    const isAlike = kind === "rules" || kind === "jobs";
    const found = known.find((one) => one.name === name) ?? known.find((one) => isAlike && isSameName(one.name, name));
    return found?.id ?? newId();
  };

/** By its label, or by its id. */
const elsewhereOf = ({ outside }: Mine) => {
  const byLabel = (kind: NamedKind) => new Map([...outside[kind]].map(([id, label]) => [label, id]));
  const labels = {
    sources: byLabel("sources"),
    services: byLabel("services"),
    destinations: byLabel("destinations"),
  };
  return (kind: NamedKind, name: string): string | undefined =>
    labels[kind].get(name) ?? (outside[kind].has(name) ? name : undefined);
};

/** Nobody reads more at once. */
const mostTold = 50;

const told = (problems: readonly Problem[]): InputError[] =>
  problems.slice(0, mostTold).map(({ line, column, path, message }) => ({
    path: "body.file",
    rule: `line ${line}, column ${column}: ${path === "" ? "" : `${path}: `}${message}`,
  }));
