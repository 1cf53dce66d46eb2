// What changed since one looked last, in the services one sees and of one's own: answered from Redis, 304 when nothing did.
import { changes, changesQuery } from "@logwatch/events/api";
import type { Changes } from "../../storage/changes.ts";
import type { Caller } from "../authenticate.ts";
import type { ApiPorts } from "../ports.ts";
import { answer, defineRoute, type Route } from "../route.ts";
import { visibleServices } from "./services-view.ts";

/** Services looked at: whoever sees more looks at their pages instead. */
const maxServices = 200;

export const changeRoutes: Route[] = [
  defineRoute("getChanges", {
    method: "GET",
    path: "/changes",
    area: "changes",
    title: "What changed since I looked last",
    description:
      "Ask with the `position` of the answer before, every few seconds: it is cheap. With `If-None-Match` it is a 304 while nothing changed.",
    query: changesQuery,
    reply: changes,
    statuses: [200, 304],
    example: {
      query: { since: "0b6c1d1e.1795608000000.AAAAAAAAAAAAAAAAAAAAAA" },
      reply: {
        changes: [{ kind: "snapshot", id: "failed-logins", at: "2026-11-22T12:00:00.000Z" }],
        position: "0b6c1d1e.1795608001000.BBBBBBBBBBBBBBBBBBBBBB",
        reset: false,
      },
    },
    handle: async ({ caller, query, request }, ports) => {
      const found = await changesFor(caller, query.since, request.at, ports);
      if (!found) return answer({ changes: [], position: null, reset: true });
      const etag = `"${found.position}"`;
      const isSame = !found.reset && found.changes.length === 0 && request.ifNoneMatch === etag;
      return answer(found, { status: isSame ? 304 : 200, headers: { etag } });
    },
  }),
];

/** Undefined when Redis does not answer: nobody knows then. */
const changesFor = async (
  caller: Caller,
  since: string | undefined,
  at: number,
  ports: ApiPorts,
): Promise<Changes | undefined> => {
  const services = await visibleServices(caller, ports, undefined, maxServices);
  const scopes = [...services.map(({ id }) => ({ service: id })), { user: caller.user.id }];
  try {
    return await ports.storage.changes.since(scopes, since, at);
  } catch (error) {
    ports.log("warn", "nobody knows what changed: Redis does not answer", { error });
    return undefined;
  }
};
