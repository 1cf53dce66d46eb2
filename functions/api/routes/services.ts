// Services: what users watch, a source and a filter. Whoever makes one owns it; members see it by their role.
import { pageOf, pageQuery, service, serviceInput } from "@logwatch/events/api";
import * as z from "zod";
import { isInstanceOwner, type ServiceRecord } from "../../storage/configuration.ts";
import type { Caller } from "../authenticate.ts";
import { readList } from "../list.ts";
import { ownersOf } from "../owners.ts";
import type { ApiPorts } from "../ports.ts";
import { managedByFile, nameTaken, notFound, type Refusal, refuse, unprocessable } from "../refusal.ts";
import { answer, defineRoute, type Route } from "../route.ts";
import { changedMeanwhile, etagOf } from "../version.ts";
import { filterRefusal } from "./fields-filter.ts";
import { viewOfService, visibleServices } from "./services-view.ts";

const example = { name: "auth", sourceId: "01HZY0000000000000000SOURCE", filter: "service:auth", colour: "#3366cc" };
const params = { serviceId: "01HZY000000000000000SERVICE" };
const shown = {
  id: params.serviceId,
  ...example,
  role: "owner",
  version: 1,
  createdAt: "2026-11-22T12:00:00.000Z",
  updatedAt: "2026-11-22T12:00:00.000Z",
  managedByFile: false,
};

/**
 * Whoever says what of a source is read must own the source: an owner of a service on somebody else's could read all of that with
 * a wider filter. Missing and not yours are the same.
 */
const sourceRefusal = async (
  { sourceId, filter }: Pick<ServiceRecord, "sourceId" | "filter">,
  before: ServiceRecord | undefined,
  caller: Caller,
  { storage }: Pick<ApiPorts, "storage">,
): Promise<Refusal | undefined> => {
  if (before && before.sourceId === sourceId && before.filter === filter) return undefined;
  const [stored] = await storage.configuration.find("sources", [sourceId]);
  if (stored && ownersOf(caller.user).includes(stored.ownerId)) return undefined;
  return before?.sourceId === sourceId
    ? unprocessable([{ path: "body.filter", rule: "only the owner of the source may change what is read of it" }])
    : noSource();
};

const noSource = (): Refusal =>
  unprocessable([{ path: "body.sourceId", rule: "there is no such source, or it is not yours" }]);

const inUse = (jobs: number): Refusal => {
  const watching = jobs === 1 ? "1 job watches" : `${jobs} jobs watch`;
  return refuse(409, "in-use", `${watching} this service. Remove them first, or with it: \`?jobs=delete\`.`);
};

export const serviceRoutes: Route[] = [
  defineRoute("listServices", {
    method: "GET",
    path: "/services",
    area: "services",
    title: "The services I see",
    query: z.strictObject(pageQuery),
    reply: pageOf(service),
    example: { reply: { items: [shown], next: null } },
    handle: ({ caller, query }, ports) =>
      readList("listServices", caller, query, ports, {
        read: (after, limit) => visibleServices(caller, ports, after, limit),
        keyOf: ({ id }) => id,
        toView: (view) => view,
      }),
  }),
  defineRoute("createService", {
    method: "POST",
    path: "/services",
    area: "services",
    title: "Add a service",
    description: "On a source of yours. You become its owner.",
    body: serviceInput,
    reply: service,
    statuses: [201],
    creates: true,
    example: { body: example, reply: shown },
    handle: async ({ caller, body, request }, ports) => {
      const refused =
        filterRefusal(body.filter, "body.filter") ?? (await sourceRefusal(body, undefined, caller, ports));
      if (refused) return refused;
      const item = { id: ports.newId(), ...body };
      const put = await ports.storage.services.put("services", caller.user.id, item, 0, request.at);
      if (put === "name-taken") return nameTaken("service");
      if (put === "changed") return noSource();
      const stored = { item, ownerId: caller.user.id, version: 1, createdAt: request.at, updatedAt: request.at };
      const after = viewOfService(stored, "owner");
      return answer(after, {
        headers: { etag: etagOf(1), location: `/api/services/${item.id}` },
        audit: { action: "service.created", kind: "service", objectId: item.id, after },
      });
    },
  }),
  defineRoute("getService", {
    method: "GET",
    path: "/services/{serviceId}",
    area: "services",
    title: "One service",
    reply: service,
    example: { params, reply: shown },
    handle: async ({ object: { found, role } }) =>
      answer(viewOfService(found, role), { headers: { etag: etagOf(found.version) } }),
  }),
  defineRoute("updateService", {
    method: "PUT",
    path: "/services/{serviceId}",
    area: "services",
    title: "Change a service",
    description: "Another source, or another filter, takes the owner of that source.",
    body: serviceInput,
    reply: service,
    versioned: true,
    example: { params, body: example, reply: shown },
    handle: async ({ caller, object: { found, role }, body, request }, ports) => {
      if (isInstanceOwner(found.ownerId)) return managedByFile();
      // What follows compares with what was found: a version that somebody is only about to write would not have been looked at.
      const expected = request.expectedVersion ?? found.version;
      if (expected !== found.version) return changedMeanwhile(found.version, viewOfService(found, role));
      const refused =
        filterRefusal(body.filter, "body.filter") ?? (await sourceRefusal(body, found.item, caller, ports));
      if (refused) return refused;
      const { storage } = ports;
      const item = { id: found.item.id, ...body };
      const put = await storage.services.put("services", found.ownerId, item, expected, request.at);
      if (put === "name-taken") return nameTaken("service");
      const [now] = await storage.configuration.find("services", [item.id]);
      if (!now) return notFound();
      const after = viewOfService(now, role);
      // At the expected version and still not written: its source went in between.
      if (put === "changed") return now.version === expected ? noSource() : changedMeanwhile(now.version, after);
      const before = viewOfService(found, role);
      return answer(after, {
        headers: { etag: etagOf(now.version) },
        audit: { action: "service.changed", kind: "service", objectId: item.id, before, after },
      });
    },
  }),
  defineRoute("deleteService", {
    method: "DELETE",
    path: "/services/{serviceId}",
    area: "services",
    title: "Remove a service",
    description: "Its members, silences and runs go too. Not while jobs watch it, unless they shall go with it.",
    query: z.strictObject({
      jobs: z.enum(["delete"]).optional().meta({ description: "`delete`: its jobs go too, whoever's they are." }),
    }),
    reply: null,
    example: { params },
    handle: async ({ object: { found, role }, query }, { storage }) => {
      if (isInstanceOwner(found.ownerId)) return managedByFile();
      const { state, jobs } = await storage.services.remove(found.item.id, query.jobs === "delete");
      if (state === "in-use") return inUse(jobs);
      if (state === "gone") return notFound();
      const before = { ...viewOfService(found, role), jobs };
      return answer(null, { audit: { action: "service.removed", kind: "service", objectId: found.item.id, before } });
    },
  }),
];
