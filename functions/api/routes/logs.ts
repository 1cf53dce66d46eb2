// Log search: the raw lines of a service, newest first, page by page.
import { filterText, logPage, windowQuery } from "@logwatch/events/api";
import * as z from "zod";
import { answer, defineRoute, type Route } from "../route.ts";
import { filterRefusal } from "./fields-filter.ts";
import { windowOf } from "./fields-window.ts";
import { linesQuery, readLines } from "./logs-page.ts";

const defaultWindowMs = 900_000;

const searchQuery = z.strictObject({ ...windowQuery, filter: filterText.default("*"), ...linesQuery });

const example = {
  params: { serviceId: "01HZY000000000000000SERVICE" },
  query: { filter: "level:<4 AND message:refused" },
  reply: {
    from: "2026-11-22T11:45:00.000Z",
    to: "2026-11-22T12:00:00.000Z",
    items: [
      {
        at: "2026-11-22T11:59:58.120Z",
        service: "auth",
        host: "web-1.example.com",
        level: 3,
        message: "connection refused",
        fields: { source_ip: "192.0.2.7" },
        cut: false,
      },
    ],
    next: null,
  },
};

export const logRoutes: Route[] = [
  defineRoute("searchLogs", {
    method: "GET",
    path: "/services/{serviceId}/logs",
    area: "logs",
    title: "Log lines of a service",
    description:
      "Newest first; of the last 15 minutes unless a window is given. The filter narrows the service's own, and cannot widen it.",
    query: searchQuery,
    reply: logPage,
    example,
    handle: async ({ caller, object: { found }, query, request }, ports) => {
      const refused = filterRefusal(query.filter, "query.filter");
      if (refused) return refused;
      const { id, sourceId, filter } = found.item;
      const search = {
        route: "searchLogs" as const,
        ...{ of: id, sourceId, filters: [filter, query.filter], given: query },
        firstWindow: () => windowOf(query, request.at, defaultWindowMs),
        path: "query.filter",
      };
      const page = await readLines(search, query, caller, ports);
      return page.ok ? answer(page.value) : page.error;
    },
  }),
];
