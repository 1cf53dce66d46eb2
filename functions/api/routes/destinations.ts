// Destinations: where messages go. They belong to one user; nothing is sent to an address whose reader has not agreed.
import {
  destination,
  destinationChange,
  destinationInput,
  destinationSaved,
  pageOf,
  pageQuery,
} from "@logwatch/events/api";
import * as z from "zod";
import { isInstanceOwner } from "../../storage/configuration.ts";
import { readList } from "../list.ts";
import { ownersOf } from "../owners.ts";
import type { ApiPorts } from "../ports.ts";
import { managedByFile, nameTaken, notFound, type Refusal, refuse } from "../refusal.ts";
import { answer, defineRoute, type Route } from "../route.ts";
import { changedMeanwhile, etagOf } from "../version.ts";
import { askToAgree, confirmationRoutes } from "./destinations-confirm.ts";
import { recordOf, settled, viewOfDestination } from "./destinations-record.ts";
import { destinationTestRoutes } from "./destinations-try.ts";

const params = { destinationId: "01K0000000000000000000DEST" };
const example = {
  name: "on call",
  channel: "email",
  address: { to: ["ops@example.com"] },
  maxPerHour: 120,
  enabled: true,
};
const shown = {
  id: params.destinationId,
  ...example,
  secrets: [],
  confirmedAt: null,
  waitingFor: ["ops@example.com"],
  version: 1,
  createdAt: "2026-11-22T12:00:00.000Z",
  updatedAt: "2026-11-22T12:00:00.000Z",
  managedByFile: false,
};
const saved = { ...shown, asked: [{ address: "ops@example.com", mailed: true, reason: null }] };

export const destinationRoutes: Route[] = [
  defineRoute("listDestinations", {
    method: "GET",
    path: "/destinations",
    area: "destinations",
    title: "My destinations",
    query: z.strictObject(pageQuery),
    reply: pageOf(destination),
    example: { reply: { items: [shown], next: null } },
    handle: ({ caller, query }, ports) =>
      readList("listDestinations", caller, query, ports, {
        read: (after, limit) =>
          ports.storage.configuration.list("destinations", { ownerIds: ownersOf(caller.user), after, limit }),
        keyOf: (stored) => stored.item.id,
        toView: (stored) => viewOfDestination(stored, ports.config.LOGWATCH_SECRETS_KEY),
      }),
  }),
  defineRoute("createDestination", {
    method: "POST",
    path: "/destinations",
    area: "destinations",
    title: "Add a destination",
    description: "An e-mail address gets a link to agree by; until then nothing else is sent to it.",
    body: destinationInput,
    reply: destinationSaved,
    statuses: [201],
    creates: true,
    example: { body: example, reply: saved },
    handle: async ({ caller, body, request }, ports) => {
      const record = recordOf(ports.newId(), body, undefined, ports.config);
      if (!record.ok) return record.error;
      const item = settled(record.value, undefined, request.at, ports.config);
      const put = await ports.storage.services.put("destinations", caller.user.id, item, 0, request.at);
      if (put === "name-taken") return nameTaken("destination");
      if (put === "changed") throw new Error("A new destination has an id that is taken.");
      const stored = { item, ownerId: caller.user.id, version: 1, createdAt: request.at, updatedAt: request.at };
      const after = viewOfDestination(stored, ports.config.LOGWATCH_SECRETS_KEY);
      const { asked } = await askToAgree(item, caller, ports);
      return answer(
        { ...after, asked },
        {
          headers: { etag: etagOf(1), location: `/api/destinations/${item.id}` },
          audit: { action: "destination.created", kind: "destination", objectId: item.id, after },
        },
      );
    },
  }),
  defineRoute("getDestination", {
    method: "GET",
    path: "/destinations/{destinationId}",
    area: "destinations",
    title: "One destination",
    reply: destination,
    example: { params, reply: shown },
    handle: async ({ object: { found } }, { config }) =>
      answer(viewOfDestination(found, config.LOGWATCH_SECRETS_KEY), { headers: { etag: etagOf(found.version) } }),
  }),
  defineRoute("updateDestination", {
    method: "PUT",
    path: "/destinations/{destinationId}",
    area: "destinations",
    title: "Change a destination",
    description:
      "Secret parts that are left out stay as they are. Whoever is new at the address gets a link to agree by, and nothing is sent there until all have agreed.",
    body: destinationChange,
    reply: destinationSaved,
    versioned: true,
    example: { params, body: example, reply: saved },
    handle: async ({ caller, object: { found }, body, request }, ports) => {
      if (isInstanceOwner(found.ownerId)) return managedByFile();
      const { storage, config } = ports;
      const record = recordOf(found.item.id, body, found.item, config);
      if (!record.ok) return record.error;
      const item = settled(record.value, found.item, request.at, config);
      const expected = request.expectedVersion ?? found.version;
      // What was agreed to was read with this version: of another one nothing is known.
      const put =
        expected === found.version
          ? await storage.services.put("destinations", found.ownerId, item, expected, request.at)
          : "changed";
      if (put === "name-taken") return nameTaken("destination");
      const [now] = await storage.configuration.find("destinations", [item.id]);
      if (!now) return notFound();
      const after = viewOfDestination(now, config.LOGWATCH_SECRETS_KEY);
      if (put === "changed") return changedMeanwhile(now.version, { ...after, asked: [] });
      const before = viewOfDestination(found, config.LOGWATCH_SECRETS_KEY);
      const isAsked = after.waitingFor.some((one) => !before.waitingFor.includes(one));
      const { asked } = isAsked ? await askToAgree(item, caller, ports) : { asked: [] };
      return answer(
        { ...after, asked },
        {
          headers: { etag: etagOf(now.version) },
          audit: { action: "destination.changed", kind: "destination", objectId: item.id, before, after },
        },
      );
    },
  }),
  defineRoute("deleteDestination", {
    method: "DELETE",
    path: "/destinations/{destinationId}",
    area: "destinations",
    title: "Remove a destination",
    description: "Not while rules name it.",
    reply: null,
    example: { params },
    handle: async ({ object: { found } }, ports) => {
      if (isInstanceOwner(found.ownerId)) return managedByFile();
      const removal = await ports.storage.configuration.remove("destinations", found.item.id, null);
      if (removal === "in-use") return inUse(found.item.id, ports);
      if (removal === "changed") return notFound();
      const before = viewOfDestination(found, ports.config.LOGWATCH_SECRETS_KEY);
      return answer(null, {
        audit: { action: "destination.removed", kind: "destination", objectId: found.item.id, before },
      });
    },
  }),
  ...confirmationRoutes,
  ...destinationTestRoutes,
];

/** Nobody counts further. */
const mostCounted = 1000;

const inUse = async (destinationId: string, { storage }: ApiPorts): Promise<Refusal> => {
  const rules = await storage.configuration.list("rules", { destinationId, limit: mostCounted });
  const jobs = new Set(rules.map(({ item }) => item.jobId)).size;
  const say = (count: number, noun: string) => `${count} ${noun}${count === 1 ? "" : "s"}`;
  const detail = `${say(rules.length, "rule")} of ${say(jobs, "job")} ${rules.length === 1 ? "names" : "name"} this destination. Take it out of them first.`;
  return refuse(409, "in-use", detail);
};
