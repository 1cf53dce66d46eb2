// The newest result of a job: its picture and its values.
import { type ShownResult, snapshot } from "@logwatch/events/api";
import { answer, defineRoute, type Route } from "../route.ts";
import { readResult } from "./snapshot-result.ts";

const result = {
  window: { from: "2026-11-22T11:59:00.000Z", to: "2026-11-22T12:00:00.000Z" },
  revision: 0,
  measurements: [{ name: "failed_logins", labels: {}, value: 3, unit: "count" }],
  views: [{ kind: "stat", title: "Failed logins", value: 3, unit: "count" }],
  examples: ["Failed password for root from 192.0.2.7"],
  truncated: [],
  finishedAt: "2026-11-22T12:00:31.000Z",
  recomputed: false,
};
export const exampleResult = result;

export const snapshotRoutes: Route[] = [
  defineRoute("getSnapshot", {
    method: "GET",
    path: "/jobs/{jobId}/snapshot",
    area: "jobs",
    title: "The newest result of a job",
    description: "With `If-None-Match` it is a 304 while there is no newer one.",
    reply: snapshot,
    statuses: [200, 304],
    example: {
      params: { jobId: "01HF7YAT00TQ0ZTQ0ZTQ0ZTQ0Z" },
      reply: { jobId: "01HF7YAT00TQ0ZTQ0ZTQ0ZTQ0Z", result },
    },
    handle: async ({ object, request }, ports) => {
      const jobId = object.found.item.id;
      const newest = await readResult(jobId, ports);
      const etag = tagOf(newest);
      const status = request.ifNoneMatch === etag ? 304 : 200;
      return answer({ jobId, result: newest }, { status, headers: { etag } });
    },
  }),
];

/** A result is one window at one revision; drawn anew it looks different. */
const tagOf = (newest: ShownResult | null): string =>
  newest === null ? '"none"' : `"${newest.window.to}.${newest.revision}${newest.recomputed ? ".r" : ""}"`;
