// Jobs: an analysis on a service that repeats, with its rules. A job belongs to its user; who else may do what follows the service's roles.
import { id, job, jobLine, pageOf, pageQuery, queryFlag } from "@logwatch/events/api";
import * as z from "zod";
import { isInstanceOwner } from "../../storage/configuration.ts";
import { readList } from "../list.ts";
import { managedByFile, notFound } from "../refusal.ts";
import { answer, defineRoute, type Route } from "../route.ts";
import { etagOf } from "../version.ts";
import { jobCopyRoutes } from "./jobs-copy.ts";
import { jobParams, shownJob, shownLine } from "./jobs-example.ts";
import { readJob, viewOfLine, wireJob, withRules } from "./jobs-view.ts";
import { endAlertsWithoutRule, jobWriteRoutes, ownerGone } from "./jobs-write.ts";

const listQuery = z.strictObject({
  ...pageQuery,
  serviceId: id.optional().meta({ description: "Only jobs on this service." }),
  enabled: queryFlag.optional().meta({ description: "Only those that are on, or off." }),
  text: z.string().min(1).max(80).optional().meta({ description: "Part of the name of the job or of its service." }),
});

/** Idempotent: what is so already stays, and keeps its version. */
const switchRoute = (routeId: "enableJob" | "disableJob", enabled: boolean): Route =>
  defineRoute(routeId, {
    method: "POST",
    path: `/jobs/{jobId}/${enabled ? "enable" : "disable"}`,
    area: "jobs",
    title: enabled ? "Turn a job on" : "Turn a job off",
    description: enabled
      ? "It goes on from now: the time it was off is not asked, and its coverage says so."
      : "It asks nothing more, and what is under way is not judged any more.",
    reply: job,
    example: { params: jobParams, reply: shownJob },
    handle: async ({ caller, object: { found, role }, request }, ports) => {
      if (isInstanceOwner(found.ownerId)) return managedByFile();
      const before = await withRules(found, role, ports);
      if (found.item.enabled === enabled) return answer(before.view, { headers: { etag: etagOf(found.version) } });
      if (enabled) {
        const turned = await ports.storage.userJobs.enable({ ...found.item, ownerId: found.ownerId }, request.at);
        if (turned === "owner-disabled" || turned === "owner-left") return ownerGone(turned);
      } else await ports.storage.configuration.setJobEnabled(found.item.id, false, null, request.at);
      const now = await readJob(found.item.id, role, caller, ports);
      if (!now) return notFound();
      const action = enabled ? "job.enabled" : "job.disabled";
      return answer(now.view, {
        headers: { etag: etagOf(now.stored.version) },
        audit: { action, kind: "job", objectId: found.item.id, before: wireJob(before.view), after: wireJob(now.view) },
      });
    },
  });

export const jobRoutes: Route[] = [
  defineRoute("listJobs", {
    method: "GET",
    path: "/jobs",
    area: "jobs",
    title: "Jobs on my services",
    query: listQuery,
    reply: pageOf(jobLine),
    example: { query: { enabled: "true", text: "login" }, reply: { items: [shownLine], next: null } },
    handle: ({ caller, query }, ports) => {
      const { serviceId, enabled, text } = query;
      return readList("listJobs", caller, query, ports, {
        read: (after, limit) => ports.storage.userJobs.list(caller.user, { serviceId, enabled, text, after, limit }),
        keyOf: (line) => line.id,
        toView: viewOfLine,
      });
    },
  }),
  ...jobWriteRoutes,
  defineRoute("getJob", {
    method: "GET",
    path: "/jobs/{jobId}",
    area: "jobs",
    title: "One job",
    reply: job,
    example: { params: jobParams, reply: shownJob },
    handle: async ({ object: { found, role } }, ports) => {
      const { view } = await withRules(found, role, ports);
      return answer(view, { headers: { etag: etagOf(found.version) } });
    },
  }),
  defineRoute("deleteJob", {
    method: "DELETE",
    path: "/jobs/{jobId}",
    area: "jobs",
    title: "Remove a job",
    description: "With its rules and their alerts' states. What it measured stays as long as history is kept.",
    reply: null,
    example: { params: jobParams },
    handle: async ({ object: { found, role } }, ports) => {
      if (isInstanceOwner(found.ownerId)) return managedByFile();
      const { view } = await withRules(found, role, ports);
      const removal = await ports.storage.configuration.remove("jobs", found.item.id, null);
      if (removal !== "removed") return notFound();
      await endAlertsWithoutRule(ports);
      return answer(null, {
        audit: { action: "job.removed", kind: "job", objectId: found.item.id, before: wireJob(view) },
      });
    },
  }),
  switchRoute("enableJob", true),
  switchRoute("disableJob", false),
  ...jobCopyRoutes,
];
