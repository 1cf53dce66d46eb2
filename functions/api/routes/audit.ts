// The audit log, newest first: an admin reads all of it, everybody else what they did themselves.
import { auditEntry, auditQuery, pageOf } from "@logwatch/events/api";
import { readList } from "../list.ts";
import { answer, defineRoute, type Route } from "../route.ts";

export const auditRoutes: Route[] = [
  defineRoute("listAudit", {
    method: "GET",
    path: "/audit",
    area: "audit",
    title: "Who did what",
    query: auditQuery,
    reply: pageOf(auditEntry),
    example: {
      query: { limit: "1" },
      reply: {
        items: [
          {
            id: "01HF7YAT00TQ0ZTQ0ZTQ0ZTQ0Z",
            at: "2026-11-22T12:00:00.000Z",
            actorId: "01HF7YAT00TQ0ZTQ0ZTQ0USER",
            actorName: "user 1",
            action: "run.requested",
            kind: "run",
            objectId: "01HF7YAT00TQ0ZTQ0ZTQ0ZTQRUN",
            address: "192.0.2.1",
            requestId: "01HF7YAT00TQ0ZTQ0ZTQ0ZTREQ",
            before: null,
            after: { analysis: "failed-logins" },
          },
        ],
        next: null,
      },
    },
    handle: async ({ caller, query }, ports) => {
      const isAdmin = caller.user.role === "admin";
      const actorId = isAdmin ? query.actorId : caller.user.id;
      // What others did is not there for them.
      if (!isAdmin && query.actorId !== undefined && query.actorId !== actorId)
        return answer({ items: [], next: null });
      return readList("listAudit", caller, query, ports, {
        read: (before, limit) =>
          ports.storage.audit.list({
            ...(actorId === undefined ? {} : { actorId }),
            ...(query.objectId === undefined ? {} : { objectId: query.objectId }),
            ...(before === undefined ? {} : { before }),
            limit,
          }),
        keyOf: ({ id }) => id,
        toView: (entry) => entry,
      });
    },
  }),
];
