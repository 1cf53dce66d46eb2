// How the instance goes: its parts, measured as it is asked, and the sources and channels that concern whoever asks.
import { type Component, status } from "@logwatch/events/api";
import type { Job } from "../../storage/jobs.ts";
import type { Caller } from "../authenticate.ts";
import { ownersOf } from "../owners.ts";
import type { ApiPorts } from "../ports.ts";
import { answer, defineRoute, type Route } from "../route.ts";
import { visibleServices } from "./services-view.ts";
import { channelOf, type Measured, overall, partOf, type Seen, sourceOf, withSince } from "./status-components.ts";

/** Services, jobs and destinations looked at; whoever has more sees how most go. */
const maxLooked = 200;
/** Messages that ended lately. */
const maxEnded = 100;
/** A part that takes longer does not answer. */
const patienceMs = 3_000;

/** As this process saw it: another one may know for longer. */
const seen: Seen = new Map();

const at = "2026-11-22T12:00:00.000Z";

export const statusRoutes: Route[] = [
  defineRoute("getStatus", {
    method: "GET",
    path: "/status",
    area: "status",
    title: "How it goes",
    reply: status,
    example: {
      reply: {
        at,
        state: "up",
        components: [{ kind: "database", id: "database", name: "Database", state: "up", since: at, detail: "" }],
        lag: { "logwatch-analyze": 0 },
        oldestDueMs: null,
        deadLetters: 0,
      },
    },
    handle: async ({ caller, request }, ports) => {
      const { storage } = ports;
      const [due, redis, lag, deadLetters, sources, channels] = await Promise.all([
        measure(() => storage.jobs.due(request.at, 1)),
        measure(() => storage.changes.since([], undefined, request.at)),
        ports.status.lag ? measure(ports.status.lag) : undefined,
        ports.status.deadLetters ? measure(ports.status.deadLetters) : undefined,
        sourcesOf(caller, ports),
        channelsOf(caller, ports),
      ]);
      const parts = [partOf("database", due), partOf("redis", redis), partOf("bus", lag)].map((part) =>
        withSince(part, seen, request.at),
      );
      return answer({
        at: request.at,
        state: overall(parts),
        components: [...parts, ...sources, ...channels],
        lag: lag?.value ?? null,
        oldestDueMs: lateness(due.value?.[0], request.at),
        deadLetters: deadLetters?.value ?? null,
      });
    },
  }),
];

const lateness = (job: Job | undefined, now: number): number | null =>
  job ? Math.max(0, now - (job.cursor + job.everyMs + job.delayMs)) : null;

/** A part that fails is an answer here: it is down. */
const measure = async <Value>(call: () => Promise<Value>): Promise<NonNullable<Measured> & { value?: Value }> => {
  const begun = performance.now();
  let timer: NodeJS.Timeout | undefined;
  const patience = new Promise<{ tookMs: null }>((resolve) => {
    timer = setTimeout(() => resolve({ tookMs: null }), patienceMs);
  });
  const called = call().then(
    (value) => ({ tookMs: performance.now() - begun, value }),
    () => ({ tookMs: null }),
  );
  const measured = await Promise.race([called, patience]);
  clearTimeout(timer);
  return measured;
};

const sourcesOf = async (caller: Caller, ports: ApiPorts): Promise<Component[]> => {
  const { configuration, coverage } = ports.storage;
  const services = await visibleServices(caller, ports, undefined, maxLooked);
  const jobs = await configuration.list("jobs", { serviceIds: services.map(({ id }) => id), limit: maxLooked });
  const newest = await coverage.newest(jobs.map(({ item }) => item.id));
  const sourceIds = [...new Set(services.map(({ sourceId }) => sourceId))];
  const own = ownersOf(caller.user);
  const stored = new Map((await configuration.find("sources", sourceIds)).map((one) => [one.item.id, one]));
  return sourceIds.map((id) => {
    const on = services.filter((service) => service.sourceId === id);
    const served = new Set(on.map((service) => service.id));
    const asking = new Set(jobs.filter(({ item }) => served.has(item.serviceId)).map(({ item }) => item.id));
    const source = stored.get(id);
    // What a source is called is its owner's business; members know it by what it serves.
    const name = source && own.includes(source.ownerId) ? source.item.name : `Source of ${on[0]?.name ?? id}`;
    return sourceOf(
      id,
      name,
      newest.filter((range) => asking.has(range.jobId)),
    );
  });
};

const channelsOf = async (caller: Caller, { storage }: ApiPorts): Promise<Component[]> => {
  const mine = await storage.configuration.list("destinations", { ownerIds: ownersOf(caller.user), limit: maxLooked });
  const destinationIds = mine.map(({ item }) => item.id);
  if (destinationIds.length === 0) return [];
  const ended = await storage.notifications.list({ destinationIds, states: ["sent", "failed"], limit: maxEnded });
  return [...new Set(mine.map(({ item }) => item.channel))].map((channel) => channelOf(channel, ended));
};
