// Sources: log stores that can be asked. They belong to one user; their secrets go in and never come out.
import { pageOf, pageQuery, source, sourceInput, sourceSettings, sourceTest } from "@logwatch/events/api";
import * as z from "zod";
import { ok } from "../../lib/result.ts";
import { isInstanceOwner } from "../../storage/configuration.ts";
import { readList } from "../list.ts";
import { ownersOf } from "../owners.ts";
import { paramErrors } from "../plugin-params.ts";
import { managedByFile, nameTaken, notFound, refuse, unprocessable } from "../refusal.ts";
import { answer, defineRoute, type Route } from "../route.ts";
import { changedMeanwhile, etagOf } from "../version.ts";
import { openStored } from "./sources-open.ts";
import { kindOf, recordOf, viewOfSource } from "./sources-record.ts";
import { trySource } from "./sources-try.ts";

const settings = {
  kind: "graylog",
  params: { url: "https://graylog.example.com", token: "the-token-of-a-reader" },
};
const example = { name: "our Graylog", ...settings };
const params = { sourceId: "01HZY0000000000000000SOURCE" };
const shown = {
  id: params.sourceId,
  name: "our Graylog",
  kind: "graylog",
  params: { url: "https://graylog.example.com" },
  secrets: ["token"],
  version: 1,
  createdAt: "2026-11-22T12:00:00.000Z",
  updatedAt: "2026-11-22T12:00:00.000Z",
  managedByFile: false,
};
const works = {
  ok: true,
  product: "Graylog",
  version: "7.0.1",
  detail: null,
  messagesLastHour: 48_120,
  tookMs: 35,
};
const fails = {
  ok: false,
  kind: "refused",
  reason: "graylog.example.com refused the sign-in (401): this token is wrong or has expired.",
  wayOut: "Put right what is refused: the credentials, what their user may read, or an address that may not be called.",
  tookMs: 21,
};

export const sourceRoutes: Route[] = [
  defineRoute("listSources", {
    method: "GET",
    path: "/sources",
    area: "sources",
    title: "My sources",
    query: z.strictObject(pageQuery),
    reply: pageOf(source),
    example: { reply: { items: [shown], next: null } },
    handle: ({ caller, query }, ports) =>
      readList("listSources", caller, query, ports, {
        read: (after, limit) =>
          ports.storage.configuration.list("sources", { ownerIds: ownersOf(caller.user), after, limit }),
        keyOf: (stored) => stored.item.id,
        toView: (stored) => viewOfSource(stored, ports.config.LOGWATCH_SECRETS_KEY),
      }),
  }),
  defineRoute("createSource", {
    method: "POST",
    path: "/sources",
    area: "sources",
    title: "Add a source",
    body: sourceInput,
    reply: source,
    statuses: [201],
    creates: true,
    example: { body: example, reply: shown },
    handle: async ({ caller, body, request }, ports) => {
      const key = ports.config.LOGWATCH_SECRETS_KEY;
      const record = recordOf(ports.newId(), body, undefined, key);
      if (!record.ok) return record.error;
      const item = record.value;
      const put = await ports.storage.services.put("sources", caller.user.id, item, 0, request.at);
      if (put === "name-taken") return nameTaken("source");
      if (put === "changed") throw new Error("A new source has an id that is taken.");
      const stored = { item, ownerId: caller.user.id, version: 1, createdAt: request.at, updatedAt: request.at };
      const after = viewOfSource(stored, key);
      return answer(after, {
        headers: { etag: etagOf(1), location: `/api/sources/${item.id}` },
        audit: { action: "source.created", kind: "source", objectId: item.id, after },
      });
    },
  }),
  defineRoute("testSourceSettings", {
    method: "POST",
    path: "/sources/test",
    area: "sources",
    title: "Try settings of a source",
    description:
      "Before they are saved: nothing is stored. A source that does not answer is told with the reason, as 200.",
    body: sourceSettings,
    reply: sourceTest,
    example: { body: settings, reply: fails },
    handle: async ({ body }, { openSettings, now }) => {
      const kind = kindOf(body.kind);
      if (!kind.ok) return kind.error;
      const errors = paramErrors(kind.value.params, body.params, "body.params");
      if (errors.length > 0) return unprocessable(errors);
      return answer(await trySource(ok(openSettings(kind.value, body.params)), now));
    },
  }),
  defineRoute("getSource", {
    method: "GET",
    path: "/sources/{sourceId}",
    area: "sources",
    title: "One source",
    reply: source,
    example: { params, reply: shown },
    handle: async ({ object: { found } }, { config }) =>
      answer(viewOfSource(found, config.LOGWATCH_SECRETS_KEY), { headers: { etag: etagOf(found.version) } }),
  }),
  defineRoute("testSource", {
    method: "POST",
    path: "/sources/{sourceId}/test",
    area: "sources",
    title: "Try a source",
    description: "As it is saved. A source that does not answer is told with the reason, as 200.",
    reply: sourceTest,
    example: { params, reply: works },
    handle: async ({ object: { found } }, ports) => answer(await trySource(openStored(found.item, ports), ports.now)),
  }),
  defineRoute("updateSource", {
    method: "PUT",
    path: "/sources/{sourceId}",
    area: "sources",
    title: "Change a source",
    description: "Secret settings that are left out stay as they are; null takes one away.",
    body: sourceInput,
    reply: source,
    versioned: true,
    example: { params, body: example, reply: shown },
    handle: async ({ object: { found }, body, request }, ports) => {
      if (isInstanceOwner(found.ownerId)) return managedByFile();
      const { storage } = ports;
      const key = ports.config.LOGWATCH_SECRETS_KEY;
      // Secrets that are left out are taken from what was found, which must be the version that is changed.
      const expected = request.expectedVersion ?? found.version;
      if (expected !== found.version) return changedMeanwhile(found.version, viewOfSource(found, key));
      const record = recordOf(found.item.id, body, found.item, key);
      if (!record.ok) return record.error;
      const put = await storage.services.put("sources", found.ownerId, record.value, expected, request.at);
      if (put === "name-taken") return nameTaken("source");
      const [now] = await storage.configuration.find("sources", [found.item.id]);
      if (!now) return notFound();
      const after = viewOfSource(now, key);
      if (put === "changed") return changedMeanwhile(now.version, after);
      const before = viewOfSource(found, key);
      return answer(after, {
        headers: { etag: etagOf(now.version) },
        audit: { action: "source.changed", kind: "source", objectId: found.item.id, before, after },
      });
    },
  }),
  defineRoute("deleteSource", {
    method: "DELETE",
    path: "/sources/{sourceId}",
    area: "sources",
    title: "Remove a source",
    description: "Not while a service reads it.",
    reply: null,
    example: { params },
    handle: async ({ object: { found } }, ports) => {
      if (isInstanceOwner(found.ownerId)) return managedByFile();
      const removal = await ports.storage.configuration.remove("sources", found.item.id, null);
      if (removal === "in-use") return refuse(409, "in-use", "A service reads this source. Remove that service first.");
      if (removal === "changed") return notFound();
      const before = viewOfSource(found, ports.config.LOGWATCH_SECRETS_KEY);
      return answer(null, { audit: { action: "source.removed", kind: "source", objectId: found.item.id, before } });
    },
  }),
];
