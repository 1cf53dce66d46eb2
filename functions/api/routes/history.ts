// History of a job over a period: at most 500 points a series, made in the database.
import { history, historyQuery } from "@logwatch/events/api";
import { answer, defineRoute, type Route } from "../route.ts";
import { periodOf } from "./history-period.ts";

const at = "2026-11-22T11:00:00.000Z";
const to = "2026-11-22T12:00:00.000Z";

export const historyRoutes: Route[] = [
  defineRoute("getHistory", {
    method: "GET",
    path: "/jobs/{jobId}/history",
    area: "jobs",
    title: "What a job measured over a period",
    description:
      "As few points as a chart can show: wholes first, then the label sets with the largest totals. What nobody measured is a gap, never a zero.",
    query: historyQuery,
    reply: history,
    example: {
      params: { jobId: "01HF7YAT00TQ0ZTQ0ZTQ0ZTQ0Z" },
      query: { from: at, to, measurement: "failed_logins", points: "2", series: "1" },
      reply: {
        from: at,
        to,
        stepMs: 3_600_000,
        series: [
          {
            name: "failed_logins",
            labels: {},
            unit: "count",
            points: [{ at, from: at, to, value: 60, min: 0, max: 5, windows: 60 }],
          },
        ],
        left: 0,
      },
    },
    handle: async ({ object, query, request }, { storage }) => {
      const period = periodOf(query, request.at, "query");
      if (!period.ok) return period.error;
      const { from, to } = period.value;
      const read = await storage.measurements.series({
        jobId: object.found.item.id,
        from,
        until: to,
        name: query.measurement,
        maxPoints: query.points,
        maxSeries: query.series,
      });
      return answer({ from, to, ...read });
    },
  }),
];
