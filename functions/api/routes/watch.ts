// All of mine as a watch file, and such a file applied: what it leaves out goes, what it names stays the same thing.
import { type DifferenceView, watchInput, watchOutcome } from "@logwatch/events/api";
import * as z from "zod";
import type { Difference } from "../../apply/compare-watch.ts";
import { variablesIn } from "../../apply/secret-variables.ts";
import type { Configuration, ConfigurationKind } from "../../storage/configuration.ts";
import type { WatchPlan } from "../../storage/user-watch.ts";
import type { Caller } from "../authenticate.ts";
import type { ApiPorts } from "../ports.ts";
import { type Refusal, refuse, unprocessable } from "../refusal.ts";
import { answer, defineRoute, type Route } from "../route.ts";
import { ifMatch } from "../version.ts";
import { askToAgree } from "./destinations-confirm.ts";
import { readMine } from "./watch-mine.ts";
import { notesOf } from "./watch-notes.ts";
import { inTheWay, mostChanges, planOf, sizeOf } from "./watch-plan.ts";

const example = `name: mine
services: []
`;

/** Loaded when a file is read or written: the YAML parser in it is a sixth of all that the API imports. */
const files = () => import("./watch-file.ts");

export const watchRoutes: Route[] = [
  defineRoute("exportWatch", {
    method: "GET",
    path: "/watch",
    area: "watch",
    title: "All of mine as a watch file",
    description: "Without secrets: variables stand for them. Applied as it is, it changes nothing.",
    reply: z.string(),
    statuses: [200, 304],
    media: "application/yaml",
    example: {},
    handle: async ({ caller, request }, { storage, config }) => {
      const mine = await readMine(caller, storage);
      if (mine === "too-many") return tooMany();
      const { exportOf } = await files();
      const { text, etag } = exportOf(mine, config.LOGWATCH_SECRETS_KEY);
      const headers = { etag, "content-disposition": 'attachment; filename="logwatch.yaml"' };
      return answer(text, { status: request.ifNoneMatch === etag ? 304 : 200, headers });
    },
  }),
  defineRoute("applyWatch", {
    method: "POST",
    path: "/watch",
    area: "watch",
    title: "Make what I have as a watch file says",
    description:
      "All of it or nothing. By name: what the file names keeps its id, history and secrets; what it leaves out goes. With `If-Match` and the ETag of the export, only if nothing changed since.",
    body: watchInput,
    reply: watchOutcome,
    example: {
      body: { file: example, dryRun: true, variables: {} },
      reply: {
        differences: [
          {
            change: "changed",
            kind: "job",
            id: "01K000000000000000000000JB",
            name: "failed logins",
            job: null,
            fields: [{ field: "every", secret: false, before: "10s", after: "30s" }],
            words: 'job "failed logins": every "10s" → "30s"',
          },
        ],
        applied: false,
        asked: [],
      },
    },
    handle: async ({ caller, body, request }, ports) => {
      const { storage, config, limits } = ports;
      const limited = await limits.take("watchByUser", caller.user.id);
      if (limited) return limited;
      const mine = await readMine(caller, storage);
      if (mine === "too-many") return tooMany();
      const key = config.LOGWATCH_SECRETS_KEY;
      const { compareMine, compileMine, exportOf } = await files();
      const moved = checkIfMatch(request.ifMatch, exportOf(mine, key).etag);
      if (moved) return moved;
      const unnamed = checkVariables(body.file, body.variables);
      if (unnamed) return unnamed;
      const wanted = compileMine(body, mine, caller, request.at, ports);
      if (!wanted.ok) return unprocessable(wanted.error);
      const differences = compareMine(wanted.value, mine, key);
      const plan = planOf(differences, wanted.value, mine);
      const refused = await checkPlan(plan, await inTheWay(plan, mine, ports));
      if (refused) return refused;
      const views = differences.map(viewOfDifference);
      if (body.dryRun) return answer({ differences: views, applied: false, asked: [] });
      if (differences.length === 0) return answer({ differences: views, applied: true, asked: [] });
      const applied = await storage.userWatch.apply(caller.user.id, plan, request.at);
      if (applied !== "done") return changedMeanwhile();
      const asked = await askAll(wanted.value, mine.scope, plan, caller, ports);
      return answer({ differences: views, applied: true, asked }, { audit: notesOf(differences, caller.user.id) });
    },
  }),
];

const tooMany = (): Refusal =>
  refuse(409, "too-many", "There are too many things for one file. Read and change them one by one.");

/** Nothing was written, so that the same request can be made again. */
const changedMeanwhile = (): Refusal =>
  refuse(
    409,
    "in-conflict",
    "Something of yours was changed at this moment; nothing was applied. Look at the difference again.",
  );

const checkIfMatch = (given: string | null, etag: string): Refusal | undefined => {
  if (given === null || given.trim() === "*" || given.trim() === etag) return undefined;
  if (!ifMatch.test(given.trim())) {
    const errors = [{ path: "header.if-match", rule: "must be one ETag, or `*`" }];
    return refuse(400, "bad-input", "The `If-Match` cannot be read.", { errors });
  }
  const detail = "What you have was changed since that export. Export it again, and look at the difference.";
  return refuse(412, "changed", detail, { headers: { etag } });
};

/** A secret under a name with a slip in it would be taken, and nothing would say that it went nowhere. */
const checkVariables = (file: string, variables: Readonly<Record<string, string>>): Refusal | undefined => {
  const named = variablesIn(file);
  const unnamed = Object.keys(variables).filter((name) => !named.has(name));
  if (unnamed.length === 0) return undefined;
  const rule = `the file has no such variable; it has: ${[...named].slice(0, mostNamed).join(", ") || "none"}`;
  return unprocessable(
    unnamed.slice(0, mostNamed).map((name) => ({ path: `body.variables.${name.slice(0, 80)}`, rule })),
  );
};

const mostNamed = 20;

const checkPlan = (plan: WatchPlan, words: readonly string[]): Refusal | undefined => {
  if (sizeOf(plan) > mostChanges) {
    const rule = `changes ${sizeOf(plan)} things at once; at most ${mostChanges} can be. Apply it in parts.`;
    return unprocessable([{ path: "body.file", rule }]);
  }
  if (words.length > 0) return unprocessable(words.map((rule) => ({ path: "body.file", rule })));
  return undefined;
};

const kinds: Record<ConfigurationKind, DifferenceView["kind"]> = {
  sources: "source",
  services: "service",
  destinations: "destination",
  jobs: "job",
  rules: "rule",
};

const viewOfDifference = ({ change, kind, id, name, job, fields, words }: Difference): DifferenceView => ({
  change,
  kind: kinds[kind],
  // Of what is new, nobody knows the id before it is there.
  id: change === "added" ? null : id,
  name,
  job: job ?? null,
  fields: fields.map(({ isSecret, ...field }) => ({ ...field, secret: isSecret })),
  words,
});

/** Who is new at a destination agrees first, whichever way it came. */
const askAll = async (
  wanted: Configuration,
  before: Configuration,
  plan: WatchPlan,
  caller: Caller,
  ports: ApiPorts,
) => {
  const written = new Set(plan.destinations.map(({ item }) => item.id));
  const asked = [];
  for (const one of wanted.destinations) {
    if (!written.has(one.id) || one.confirmedAt !== null) continue;
    const known = before.destinations.find(({ id }) => id === one.id);
    if (known && isSamePlace(known, one)) continue;
    asked.push({ destinationId: one.id, name: one.name, asked: (await askToAgree(one, caller, ports)).asked });
  }
  return asked;
};

type Place = Pick<Configuration["destinations"][number], "channel" | "address" | "secret">;

const isSamePlace = (left: Place, right: Place): boolean =>
  left.channel === right.channel &&
  left.secret === right.secret &&
  JSON.stringify(left.address) === JSON.stringify(right.address);
