// Coverage: which slots of a job have an answer, and asking again what has none.
import { coverage, coverageQuery, filled, fillInput, maxFilledSlots } from "@logwatch/events/api";
import { retryOf } from "../../lib/slots.ts";
import { gapsIn } from "../../storage/coverage-summary.ts";
import { notFound, refuse } from "../refusal.ts";
import { answer, defineRoute, type Route } from "../route.ts";
import { readCoverage } from "./coverage-of-job.ts";
import { failureWords } from "./failure-words.ts";
import { periodOf } from "./history-period.ts";

const params = { jobId: "01HF7YAT00TQ0ZTQ0ZTQ0ZTQ0Z" };
const [from, to] = ["2026-11-22T11:00:00.000Z", "2026-11-22T12:00:00.000Z"];
/** Events in one call of the bus. */
const eventsInCall = 500;

export const coverageRoutes: Route[] = [
  defineRoute("getCoverage", {
    method: "GET",
    path: "/jobs/{jobId}/coverage",
    area: "jobs",
    title: "Which slots of a job have an answer",
    query: coverageQuery,
    reply: coverage,
    example: {
      params,
      query: { from, to },
      reply: {
        from,
        to,
        more: false,
        spans: [{ from, to, state: "complete", reason: "", retryAt: null }],
        slots: { complete: 60, revised: 0, failed: 0, missing: 0, due: 0 },
      },
    },
    handle: async ({ caller, object, query, request }, ports) => {
      const period = periodOf(query, request.at, "query");
      if (!period.ok) return period.error;
      const { item } = object.found;
      const { summary, more } = await readCoverage(item, period.value, request.at, ports);
      const isTold = summary.spans.some(({ state, reason }) => reason !== "" && state !== "missing");
      if (!isTold) return answer({ ...summary, more });
      const words = await failureWords([item.serviceId], caller.user, ports);
      const spans = summary.spans.map((span) => ({ ...span, reason: words(item.serviceId, span.reason) }));
      return answer({ ...summary, spans, more });
    },
  }),
  defineRoute("fillGap", {
    method: "POST",
    path: "/jobs/{jobId}/coverage/fill",
    area: "jobs",
    title: "Ask again what has no answer",
    description: `Failed and missing slots of the period, oldest first, at most ${maxFilledSlots} at once. Their answers arrive as any other, and their rules judge them.`,
    body: fillInput,
    reply: filled,
    example: { params, body: { from, to }, reply: { asked: 3, left: 0 } },
    handle: async ({ object, body, request }, ports) => {
      const period = periodOf(body, request.at, "body");
      if (!period.ok) return period.error;
      const { item: record } = object.found;
      if (!record.enabled)
        return refuse(409, "job-off", "This job is turned off: turn it on before its gaps are filled.");
      const [service] = await ports.storage.configuration.find("services", [record.serviceId]);
      if (!service) return notFound();
      const { summary, job } = await readCoverage(record, period.value, request.at, ports);
      const { ends, count } = gapsIn(summary, job, maxFilledSlots);
      const { sourceId, filter, name: serviceName } = service.item;
      const asked = { ...record, sourceId, filter, serviceName, cursor: record.startAt };
      const events = ends.map((end) => retryOf(asked, end, request.at));
      for (let start = 0; start < events.length; start += eventsInCall)
        await ports.emit("logwatch.analysis.requested", events.slice(start, start + eventsInCall));
      const after = { from: summary.from, to: summary.to, asked: ends.length };
      return answer(
        { asked: ends.length, left: count - ends.length },
        { audit: { action: "job.filled", kind: "job", objectId: record.id, after } },
      );
    },
  }),
];
