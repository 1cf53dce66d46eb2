// Sources: log stores that can be asked. They belong to one user; their secrets go in and never come out.
import { pageOf, pageQuery, type SourceView, source, sourceInput } from "@logwatch/events/api";
import * as z from "zod";
import { secretFields } from "../../apply/split-secrets.ts";
import { registry } from "../../lib/registry.ts";
import * as sourcePlugins from "../../sources/index.ts";
import { isInstanceOwner, type SourceRecord, type Stored } from "../../storage/configuration.ts";
import { readList } from "../list.ts";
import { ownersOf } from "../owners.ts";
import { openSecrets, sealParams } from "../plugin-params.ts";
import type { ApiPorts } from "../ports.ts";
import { managedByFile, notFound, refuse, unprocessable } from "../refusal.ts";
import { answer, defineRoute, type Route } from "../route.ts";
import { changedMeanwhile, etagOf } from "../version.ts";

const kinds = registry("source", sourcePlugins);

const example = {
  name: "our Graylog",
  kind: "graylog",
  params: { url: "https://graylog.example.com", token: "the-token-of-a-reader" },
};

/** As the API shows it. */
export const viewOfSource = (
  { item, ownerId, version, createdAt, updatedAt }: Stored<SourceRecord>,
  key: string,
): SourceView => {
  const known = kinds.find(item.kind)?.params;
  const secrets = known ? Object.keys(openSecrets(item.secret, key, secretFields(known))) : [];
  const { id, name, kind, params } = item;
  return { id, name, kind, params, secrets, version, createdAt, updatedAt, managedByFile: isInstanceOwner(ownerId) };
};

const readSource = async (id: string, { storage }: ApiPorts): Promise<Stored<SourceRecord> | undefined> =>
  (await storage.configuration.find("sources", [id]))[0];

const noKind = (kind: string) =>
  unprocessable([
    {
      path: "body.kind",
      rule: `there is no source kind "${kind}"; known: ${kinds.all.map(({ id }) => id).join(", ")}`,
    },
  ]);

export const sourceRoutes: Route[] = [
  defineRoute("listSources", {
    method: "GET",
    path: "/sources",
    area: "sources",
    title: "My sources",
    query: z.strictObject(pageQuery),
    reply: pageOf(source),
    example: {},
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
    example: { body: example },
    handle: async ({ caller, body, request }, ports) => {
      const kind = kinds.find(body.kind);
      if (!kind) return noKind(body.kind);
      const key = ports.config.LOGWATCH_SECRETS_KEY;
      const sealed = sealParams(kind.params, body.params, "", key, "body.params");
      if (!sealed.ok) return sealed.error;
      const item = { id: ports.newId(), name: body.name, kind: body.kind, ...sealed.value };
      await ports.storage.configuration.put("sources", caller.user.id, item, 0, request.at);
      const stored = { item, ownerId: caller.user.id, version: 1, createdAt: request.at, updatedAt: request.at };
      const after = viewOfSource(stored, key);
      return answer(after, {
        headers: { etag: etagOf(1), location: `/api/sources/${item.id}` },
        audit: { action: "source.created", kind: "source", objectId: item.id, after },
      });
    },
  }),
  defineRoute("getSource", {
    method: "GET",
    path: "/sources/{sourceId}",
    area: "sources",
    title: "One source",
    reply: source,
    example: { params: { sourceId: "01HZY0000000000000000SOURCE" } },
    handle: async ({ object: { found } }, { config }) =>
      answer(viewOfSource(found, config.LOGWATCH_SECRETS_KEY), { headers: { etag: etagOf(found.version) } }),
  }),
  defineRoute("updateSource", {
    method: "PUT",
    path: "/sources/{sourceId}",
    area: "sources",
    title: "Change a source",
    description: "Secret settings that are left out stay as they are.",
    body: sourceInput,
    reply: source,
    versioned: true,
    example: { params: { sourceId: "01HZY0000000000000000SOURCE" }, body: example },
    handle: async ({ object: { found }, body, request }, ports) => {
      if (isInstanceOwner(found.ownerId)) return managedByFile();
      const kind = kinds.find(body.kind);
      if (!kind) return noKind(body.kind);
      const key = ports.config.LOGWATCH_SECRETS_KEY;
      const secret = body.kind === found.item.kind ? found.item.secret : "";
      const sealed = sealParams(kind.params, body.params, secret, key, "body.params");
      if (!sealed.ok) return sealed.error;
      const item = { id: found.item.id, name: body.name, kind: body.kind, ...sealed.value };
      const expected = request.expectedVersion ?? found.version;
      const isDone = await ports.storage.configuration.put("sources", found.ownerId, item, expected, request.at);
      const now = await readSource(item.id, ports);
      if (!now) return notFound();
      const after = viewOfSource(now, key);
      if (!isDone) return changedMeanwhile(now.version, after);
      const before = viewOfSource(found, key);
      return answer(after, {
        headers: { etag: etagOf(now.version) },
        audit: { action: "source.changed", kind: "source", objectId: item.id, before, after },
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
    example: { params: { sourceId: "01HZY0000000000000000SOURCE" } },
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
