// Silences: what the members of a service ask not to be told for a while. They end by time or by hand, and are never deleted by people.
import { pageOf, silence, silenceInput, silencePreview, silencePreviewInput, silenceQuery } from "@logwatch/events/api";
import type { Silence } from "../../storage/silences.ts";
import { listPage } from "../list.ts";
import type { ApiPorts } from "../ports.ts";
import { notFound, type Refusal, refuse } from "../refusal.ts";
import { answer, defineRoute, type Route } from "../route.ts";
import { changedMeanwhile, etagOf } from "../version.ts";
import { rolesOnServices } from "./alerts-services.ts";
import { askedSilence, shownPreview, shownSilence, silencedService, silenceParams } from "./silences-example.ts";
import { readSilence } from "./silences-input.ts";
import { previewOfSilence } from "./silences-preview.ts";
import { stateOf, viewOfSilence, wireSilence } from "./silences-view.ts";

/** All of a service's are read with each batch of its alerts. */
const mostSilences = 100;

/** Undefined while there is room for another. */
const tooMany = async (
  serviceId: string,
  now: number,
  { storage }: Pick<ApiPorts, "storage">,
): Promise<Refusal | undefined> => {
  const open = await storage.silences.list({ serviceIds: [serviceId], endsAfter: now, limit: mostSilences });
  if (open.length < mostSilences) return undefined;
  return refuse(409, "too-many", `A service has at most ${mostSilences} silences that are not over. End some first.`);
};

const isOver = (): Refusal => refuse(409, "over", "This silence is over. Make a new one.");

const noteOf = (action: string, before: Silence | null, after: Silence, now: number) => ({
  action,
  kind: "silence",
  objectId: after.id,
  before: before && wireSilence(before, now),
  after: wireSilence(after, now),
});

/** Somebody may change it at the same moment: it is ended as they left it. */
const mostTries = 5;

const endNow = async (
  found: Silence,
  now: number,
  { storage }: Pick<ApiPorts, "storage">,
): Promise<{ before: Silence; after: Silence } | "gone" | "busy"> => {
  let before: Silence | undefined = found;
  for (let tries = 0; tries < mostTries; tries += 1) {
    if (!before) return "gone";
    if (before.endsAt <= now) return { before, after: before };
    const after: Silence = {
      ...before,
      startsAt: Math.min(before.startsAt, now),
      endsAt: now,
      endedEarly: true,
      updatedAt: now,
      version: before.version + 1,
    };
    if (await storage.silences.put(after, before.version)) return { before, after };
    [before] = await storage.silences.find([found.id]);
  }
  return "busy";
};

export const silenceRoutes: Route[] = [
  defineRoute("listSilences", {
    method: "GET",
    path: "/silences",
    area: "silences",
    title: "Silences of my services",
    description: "Newest first. A page may be short and still have a `next`: then there was much to look through.",
    query: silenceQuery,
    reply: pageOf(silence),
    example: { query: { state: "active" }, reply: { items: [shownSilence], next: null } },
    handle: async ({ caller, query: { serviceId, state, ...page }, request }, ports) => {
      const roles = await rolesOnServices(caller, serviceId, ports);
      const endsAfter = state === "active" || state === "pending" ? request.at : undefined;
      return listPage("listSilences", caller, page, ports, {
        readBehind: (position, limit) => {
          const [createdAt, id] = position ?? [];
          const before = position && { createdAt: Number(createdAt), id: String(id) };
          return ports.storage.silences.list({ serviceIds: [...roles.keys()], endsAfter, before, limit });
        },
        keyOf: ({ createdAt, id }) => [createdAt, id],
        isWanted: state === undefined ? undefined : (one) => stateOf(one, request.at) === state,
        toViews: (items) => items.map((one) => viewOfSilence(one, request.at)),
      });
    },
  }),
  defineRoute("createSilence", {
    method: "POST",
    path: "/services/{serviceId}/silences",
    area: "silences",
    title: "Silence alerts of a service",
    description: `What still fires when it ends is told then. A service has at most ${mostSilences} that are not over.`,
    body: silenceInput,
    reply: silence,
    statuses: [201],
    creates: true,
    example: { params: silencedService, body: askedSilence, reply: shownSilence },
    handle: async ({ caller, object: { found }, body, request }, ports) => {
      const now = request.at;
      const asked = readSilence(body, undefined, now);
      if (!asked.ok) return asked.error;
      const serviceId = found.item.id;
      const refused = await tooMany(serviceId, now, ports);
      if (refused) return refused;
      const { id: authorId, name: authorName } = caller.user;
      const made = { id: ports.newId(), serviceId, ...asked.value, authorId, authorName };
      const after: Silence = { ...made, createdAt: now, updatedAt: now, version: 1, endedEarly: false };
      if (!(await ports.storage.silences.put(after, 0))) throw new Error(`There is a silence ${after.id} already.`);
      return answer(viewOfSilence(after, now), {
        headers: { etag: etagOf(1), location: `/api/silences/${after.id}` },
        audit: noteOf("silence.created", null, after, now),
      });
    },
  }),
  defineRoute("previewSilence", {
    method: "POST",
    path: "/services/{serviceId}/silences/preview",
    area: "silences",
    title: "What a silence would hide",
    description: "Now, and what it would have hidden in the last day. Nothing is made.",
    body: silencePreviewInput,
    reply: silencePreview,
    example: { params: silencedService, body: { matchers: askedSilence.matchers }, reply: shownPreview },
    handle: async ({ object: { found }, body, request }, ports) => {
      const preview = await previewOfSilence(found.item.id, body.matchers, request.at, ports);
      return preview.ok ? answer(preview.value) : preview.error;
    },
  }),
  defineRoute("getSilence", {
    method: "GET",
    path: "/silences/{silenceId}",
    area: "silences",
    title: "One silence",
    reply: silence,
    example: { params: silenceParams, reply: shownSilence },
    handle: async ({ object: { found }, request }) =>
      answer(viewOfSilence(found, request.at), { headers: { etag: etagOf(found.version) } }),
  }),
  defineRoute("updateSilence", {
    method: "PUT",
    path: "/silences/{silenceId}",
    area: "silences",
    title: "Change a silence",
    description: "Not one that is over. What it hides no more and still fires is told at once.",
    body: silenceInput,
    reply: silence,
    versioned: true,
    example: { params: silenceParams, body: askedSilence, reply: shownSilence },
    handle: async ({ object: { found }, body, request }, { storage }) => {
      const now = request.at;
      if (found.endsAt <= now) return isOver();
      const asked = readSilence(body, found, now);
      if (!asked.ok) return asked.error;
      const expected = request.expectedVersion ?? found.version;
      const after: Silence = { ...found, ...asked.value, updatedAt: now, version: expected + 1 };
      const isWritten = expected === found.version && (await storage.silences.put(after, expected));
      if (!isWritten) {
        const [current] = await storage.silences.find([found.id]);
        return current ? changedMeanwhile(current.version, viewOfSilence(current, now)) : notFound();
      }
      return answer(viewOfSilence(after, now), {
        headers: { etag: etagOf(after.version) },
        audit: noteOf("silence.changed", found, after, now),
      });
    },
  }),
  defineRoute("endSilence", {
    method: "POST",
    path: "/silences/{silenceId}/end",
    area: "silences",
    title: "End a silence by hand",
    description: "What it hid and still fires is told at once. One that is over stays as it is.",
    reply: silence,
    example: {
      params: silenceParams,
      reply: { ...shownSilence, endsAt: "2026-11-22T12:30:00.000Z", state: "expired", endedEarly: true, version: 2 },
    },
    handle: async ({ object: { found }, request }, ports) => {
      const ended = await endNow(found, request.at, ports);
      if (ended === "gone") return notFound();
      if (ended === "busy") return refuse(409, "busy", "This silence is being changed again and again. Try again.");
      const { before, after } = ended;
      return answer(viewOfSilence(after, request.at), {
        headers: { etag: etagOf(after.version) },
        ...(after === before ? {} : { audit: noteOf("silence.ended", before, after, request.at) }),
      });
    },
  }),
];
