// Rule preview: what rules that are not saved would have done over the newest history of a job. Reads, and writes nothing.
import { setImmediate as nextTurn } from "node:timers/promises";
import { rulePreview, rulePreviewInput } from "@logwatch/events/api";
import { createGate } from "../../lib/gate.ts";
import type { ApiPorts } from "../ports.ts";
import { type PreviewRequest, previewLimits, previewRules } from "../preview/preview-rules.ts";
import { readDrafts } from "../preview/read-drafts.ts";
import { refuse } from "../refusal.ts";
import { answer, defineRoute, type Route } from "../route.ts";
import { withRules } from "./jobs-view.ts";

const hourMs = 3_600_000;

const example = {
  params: { jobId: "01HF7YAT00TQ0ZTQ0ZTQ0ZTQ0Z" },
  body: {
    hours: 1,
    rules: [{ name: "many failures", kind: "threshold", params: { measurement: "failed_logins", limit: 20 } }],
  },
  reply: {
    asked: { from: "2026-11-22T11:00:00.000Z", to: "2026-11-22T12:00:00.000Z" },
    judged: { from: "2026-11-22T11:00:00.000Z", to: "2026-11-22T11:59:00.000Z" },
    windows: { due: 59, complete: 59, failed: 0, missing: 0 },
    cut: [],
    verdicts: 59,
    alerts: {
      total: 1,
      fired: 1,
      resolved: 0,
      neverFired: 0,
      open: 1,
      listed: [
        {
          ruleName: "many failures",
          labels: {},
          state: "firing",
          pendingAt: null,
          firingAt: "2026-11-22T11:59:00.000Z",
          resolvedAt: null,
          fired: 1,
          value: 54,
          why: "54 > 20",
        },
      ],
    },
    messages: {
      total: 1,
      sent: 0,
      suppressed: 0,
      toNobody: 1,
      listed: [
        {
          at: "2026-11-22T11:59:30.000Z",
          ruleName: "many failures",
          destinationId: null,
          reason: "no-destination",
          message: {
            title: "many failures on sign-ins",
            severity: "warning",
            status: "firing",
            lines: ["Firing: 54 > 20"],
            fields: [{ name: "Service", value: "sign-ins" }],
            examples: [],
            links: [],
          },
        },
      ],
    },
    books: { findings: 59, sent: 0, pending: 0, suppressed: { "no-destination": 1, "below-threshold": 58 } },
  },
};

export const previewRoutes: Route[] = [
  defineRoute("previewRules", {
    method: "POST",
    path: "/jobs/{jobId}/rule-preview",
    area: "jobs",
    title: "What these rules would have done",
    description:
      "Runs rules that are not saved over the newest history of the job, as the pipeline would have. Evidence that came late counts as if it had come in time; history holds no log lines, and a label set that was not listed counts as zero. Nothing is kept and nothing is sent.",
    body: rulePreviewInput,
    reply: rulePreview,
    example,
    handle: async ({ caller, object, body, request }, ports) => {
      const { item: job } = object.found;
      const { rules: saved, view } = await withRules(object.found, object.role, ports);
      const drafts = await readDrafts(job, body.rules, saved, caller, ports);
      if (!drafts.ok) return drafts.error;
      const span = { from: request.at - body.hours * hourMs, until: request.at };
      const report = await previewInTurn(
        { job: { ...job, serviceName: view.serviceName }, ...drafts.value, ...span },
        ports,
      );
      return report === "busy" ? busy : answer(report);
    },
  }),
];

/** Where one process does everything, previews must not take the turns of the pipeline: one at a time, and some wait. */
const gate = createGate({ most: 1, waiting: 8 });
/** What is left of the time after waiting must be worth it: the gateway gives up after half a minute. */
const longestWaitMs = 10_000;

const busy = refuse(429, "busy", "Other previews are being computed. Try again in a moment.", {
  headers: { "retry-after": "10" },
});

const previewInTurn = async (request: PreviewRequest, { storage: { measurements, coverage } }: ApiPorts) => {
  const askedAt = performance.now();
  const world = {
    measurements,
    coverage,
    clockMs: () => performance.now(),
    pause: async () => void (await nextTurn()),
  };
  return gate(async () => {
    const waitedMs = performance.now() - askedAt;
    if (waitedMs > longestWaitMs) return "busy";
    return previewRules(request, world, { ...previewLimits, budgetMs: previewLimits.budgetMs - waitedMs });
  });
};
