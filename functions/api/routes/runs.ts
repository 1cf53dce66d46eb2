// Manual runs: any analysis on a service and a window, or a job's newest window once more.
import type { Window } from "@logwatch/events";
import { jobRunInput, listedRun, maxRunDays, pageOf, pageQuery, runInput, shownRun } from "@logwatch/events/api";
import * as z from "zod";
import * as analysisPlugins from "../../analyses/index.ts";
import { idsOf, registry } from "../../lib/registry.ts";
import { readList } from "../list.ts";
import { paramErrors } from "../plugin-params.ts";
import { notFound, type Refusal, refuse, unprocessable } from "../refusal.ts";
import { answer, defineRoute, type Route } from "../route.ts";
import { inReadableWords } from "./failure-words.ts";
import { askRun } from "./runs-ask.ts";
import { listedRunOf, readShownRun } from "./runs-view.ts";
import { exampleResult } from "./snapshot.ts";

const analyses = registry("analysis", analysisPlugins);
const noAnalysis = `there is no such analysis; known: ${idsOf(analyses)}`;
const maxWindowMs = maxRunDays * 86_400_000;

const { window } = exampleResult;
const listed = {
  id: "01HF7YAT00TQ0ZTQ0ZTQ0ZTQRN",
  serviceId: "01HF7YAT00TQ0ZTQ0ZTQ0ZTQSV",
  jobId: null,
  analysis: "failed-logins",
  params: {},
  window,
  state: "finished" as const,
  failure: null,
  requestedAt: "2026-11-22T12:00:30.000Z",
  finishedAt: "2026-11-22T12:00:31.000Z",
  cancelledAt: null,
};
const shown = { ...listed, result: exampleResult };
const params = { runId: listed.id };

/** The window that was asked for, in whole seconds where it ends now, as log stores cut time no finer. */
const windowOf = ({ from, to, last }: z.output<typeof runInput>, now: number): Window | Refusal => {
  const refused = (path: string, rule: string) => unprocessable([{ path, rule }]);
  const end = to ?? Math.floor(now / 1000) * 1000;
  if (last !== undefined) {
    if (from !== undefined || to !== undefined)
      return refused("body.last", "must stand alone, without `from` and `to`");
    return { from: end - last, to: end };
  }
  if (from === undefined) return refused("body.from", "must be there, or `last` in its place");
  const window = { from, to: end };
  return windowRefusal(window, now) ?? window;
};

const windowRefusal = ({ from, to }: Window, now: number): Refusal | undefined => {
  const refused = (path: string, rule: string) => unprocessable([{ path, rule }]);
  if (from < 0) return refused("body.from", "must not be before 1970");
  if (to > now) return refused("body.to", "must not be in the future");
  if (from >= to) return refused("body.from", "must be before `to`");
  if (to - from > maxWindowMs) return refused("body.from", `must be at most ${maxRunDays} days before \`to\``);
  return undefined;
};

export const runRoutes: Route[] = [
  defineRoute("createRun", {
    method: "POST",
    path: "/services/{serviceId}/runs",
    area: "runs",
    title: "Run an analysis once",
    description: "The answer, when it comes in time; else 202 and where to look for it.",
    body: runInput,
    reply: shownRun,
    statuses: [200, 202],
    creates: true,
    example: {
      params: { serviceId: listed.serviceId },
      body: { analysis: "failed-logins", params: {}, ...window, wait: "0s" },
      reply: shown,
    },
    handle: async ({ caller, object, body, request }, ports) => {
      const analysis = analyses.find(body.analysis);
      if (!analysis) return unprocessable([{ path: "body.analysis", rule: noAnalysis }]);
      const errors = paramErrors(analysis.params, body.params, "body.params");
      if (errors.length > 0) return unprocessable(errors);
      const asked = windowOf(body, request.at);
      if ("ok" in asked) return asked;
      const { id: serviceId, name: serviceName, sourceId, filter } = object.found.item;
      return askRun(
        {
          ...{ name: analysis.title, analysis: analysis.id, params: body.params },
          ...{ serviceId, serviceName, sourceId, filter },
          user: caller.user,
          jobId: null,
          window: asked,
          waitMs: body.wait,
        },
        request.at,
        ports,
      );
    },
  }),
  defineRoute("runJob", {
    method: "POST",
    path: "/jobs/{jobId}/runs",
    area: "runs",
    title: "Run a job now",
    description: "Its own question over its newest whole window, as a run of yours: it changes nothing of the job.",
    body: jobRunInput,
    reply: shownRun,
    statuses: [200, 202],
    creates: true,
    example: {
      params: { jobId: "01HF7YAT00TQ0ZTQ0ZTQ0ZTQ0Z" },
      body: { wait: "0s" },
      reply: { ...shown, jobId: "01HF7YAT00TQ0ZTQ0ZTQ0ZTQ0Z" },
    },
    handle: async ({ caller, object, body, request }, ports) => {
      const { item: job } = object.found;
      const [service] = await ports.storage.configuration.find("services", [job.serviceId]);
      if (!service) return notFound();
      const { id: serviceId, name: serviceName, sourceId, filter } = service.item;
      const slots = Math.floor((request.at - job.delayMs - job.startAt) / job.everyMs);
      const to = job.startAt + slots * job.everyMs;
      return askRun(
        {
          ...{ name: job.name, analysis: job.analysis, params: job.params, serviceId, serviceName, sourceId, filter },
          user: caller.user,
          jobId: job.id,
          window: { from: to - job.windowMs, to },
          like: job,
          waitMs: body.wait,
        },
        request.at,
        ports,
      );
    },
  }),
  defineRoute("listRuns", {
    method: "GET",
    path: "/runs",
    area: "runs",
    title: "My runs",
    description: "Newest first, without their results.",
    query: z.strictObject(pageQuery),
    reply: pageOf(listedRun),
    example: { reply: { items: [listed], next: null } },
    handle: ({ caller, query, request }, ports) =>
      readList("listRuns", caller, query, ports, {
        read: async (before, limit) => {
          const runs = await ports.storage.runs.list({ userId: caller.user.id, before, limit });
          return inReadableWords(runs, caller.user, ports);
        },
        keyOf: ({ id }) => id,
        toView: (run) => listedRunOf(run, request.at),
      }),
  }),
  defineRoute("getRun", {
    method: "GET",
    path: "/runs/{runId}",
    area: "runs",
    title: "A run and its result",
    reply: shownRun,
    example: { params, reply: shown },
    handle: async ({ caller, object: { found }, request }, ports) => {
      // Whoever may not see the service any more sees nothing of it here either.
      if (!(await ports.storage.roles.on("service", found.serviceId, caller.user))) return notFound();
      const [run = found] = await inReadableWords([found], caller.user, ports);
      return answer(await readShownRun(run, request.at, ports));
    },
  }),
  defineRoute("cancelRun", {
    method: "POST",
    path: "/runs/{runId}/cancel",
    area: "runs",
    title: "Cancel a run",
    description: "One that has not begun is not asked; of any, the result is not shown.",
    reply: listedRun,
    example: {
      params,
      reply: { ...listed, state: "cancelled", finishedAt: null, cancelledAt: "2026-11-22T12:00:31.000Z" },
    },
    handle: async ({ object: { found }, request }, ports) => {
      const isCancelled = await ports.storage.runs.cancel(found.id, request.at);
      const [run] = await ports.storage.runs.find([found.id]);
      if (!run) return notFound();
      if (run.state !== "cancelled") return refuse(409, "ended", `This run has ${run.state} already.`);
      if (!isCancelled) return answer(listedRunOf(run, request.at));
      return answer(listedRunOf(run, request.at), {
        audit: { action: "run.cancelled", kind: "run", objectId: run.id },
      });
    },
  }),
];
