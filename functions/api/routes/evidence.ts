// The evidence of an alert: the log lines behind it, as its service's source holds them now.
import { evidencePage } from "@logwatch/events/api";
import * as z from "zod";
import { fail, ok, type Result } from "../../lib/result.ts";
import type { Alert } from "../../storage/alerts.ts";
import type { ServiceRecord } from "../../storage/configuration.ts";
import type { ApiPorts } from "../ports.ts";
import { notFound, type Refusal, refuse } from "../refusal.ts";
import { answer, defineRoute, type Route } from "../route.ts";
import { alertParams } from "./alerts-example.ts";
import { type EvidenceQuestion, evidenceQuestion } from "./evidence-question.ts";
import { linesQuery, readLines } from "./logs-page.ts";

type Found = { service: ServiceRecord; question: EvidenceQuestion };

const findEvidence = async (
  alert: Alert,
  now: number,
  { storage }: Pick<ApiPorts, "storage">,
): Promise<Result<Found, Refusal>> => {
  const { configuration } = storage;
  const [[service], [job], [rule]] = await Promise.all([
    configuration.find("services", [alert.serviceId]),
    configuration.find("jobs", [alert.jobId]),
    configuration.find("rules", [alert.ruleId]),
  ]);
  if (!service) return fail(notFound());
  if (!job)
    return fail(
      refuse(409, "evidence-unknown", "The job of this alert is gone: nobody can tell which log lines it counted."),
    );
  // A job may watch another service by now: what its members see is not for the members of this one.
  if (job.item.serviceId !== alert.serviceId)
    return fail(refuse(409, "evidence-unknown", "The job of this alert watches another service now."));
  const question = evidenceQuestion(alert, job, rule?.item, now);
  return question.ok ? ok({ service: service.item, question: question.value }) : question;
};

/** What the source does not understand is the job's own filter: nothing of this request is at fault. */
const asFailure = (refusal: Refusal): Refusal => {
  const [first] = refusal.errors ?? [];
  return refusal.status === 422 && first?.path === jobFilter
    ? refuse(424, "source-failed", `The source does not understand the job's filter: ${first.rule}`)
    : refusal;
};
const jobFilter = "job.filter";

const example = {
  from: "2026-11-22T12:00:00.000Z",
  to: "2026-11-22T12:04:00.000Z",
  items: [
    {
      at: "2026-11-22T12:00:59.120Z",
      service: "auth",
      host: "web-1.example.com",
      level: 5,
      message: "Failed password for root from 192.0.2.7",
      fields: { source_ip: "192.0.2.7" },
      cut: false,
    },
  ],
  next: null,
  measurement: "failed_logins_by_address",
  filter: '(event.outcome:failure) AND (source.ip:"192.0.2.7")',
  jobChanged: false,
};

export const evidenceRoutes: Route[] = [
  defineRoute("getAlertEvidence", {
    method: "GET",
    path: "/alerts/{alertId}/evidence",
    area: "alerts",
    title: "The log lines behind an alert",
    description:
      "Newest first, from its first breached window to its last, at most 31 days. 424 when the source fails, 409 when the job or its rule is gone.",
    query: z.strictObject(linesQuery),
    reply: evidencePage,
    example: { params: alertParams, reply: example },
    handle: async ({ caller, object, query, request }, ports) => {
      const found = await findEvidence(object.found, request.at, ports);
      if (!found.ok) return found.error;
      const { service, question } = found.value;
      const { filters, window, measurement, jobChanged } = question;
      const search = {
        route: "getAlertEvidence" as const,
        ...{ of: object.found.alertId, sourceId: service.sourceId, filters: [service.filter, ...filters] },
        ...{ given: {}, firstWindow: () => ok(window), path: jobFilter },
      };
      const page = await readLines(search, query, caller, ports);
      if (!page.ok) return asFailure(page.error);
      const filter = filters.length === 0 ? "*" : filters.map((clause) => `(${clause})`).join(" AND ");
      return answer({ ...page.value, measurement, filter, jobChanged });
    },
  }),
];
