// API tokens: made and revoked by who is signed in with a password, so that one token cannot make another.
import {
  type ApiTokenView,
  apiToken,
  apiTokenInput,
  newApiToken as newToken,
  pageOf,
  pageQuery,
} from "@logwatch/events/api";
import * as z from "zod";
import type { ApiToken } from "../../storage/api-tokens.ts";
import { newApiToken, secretHash, shownPrefix } from "../../storage/sessions-secret.ts";
import { readList } from "../list.ts";
import { notFound, refuse, unprocessable } from "../refusal.ts";
import { answer, defineRoute, type Route } from "../route.ts";

const example = {
  id: "01HZY00000000000000000TKEN",
  name: "nightly report",
  scope: "read",
  prefix: "lw_4fK2pQ",
  createdAt: "2026-11-22T12:00:00.000Z",
  usedAt: null,
  expiresAt: null,
} as const;

export const tokenRoutes: Route[] = [
  defineRoute("listTokens", {
    method: "GET",
    path: "/tokens",
    area: "tokens",
    title: "My API tokens",
    description: "Newest first.",
    query: z.strictObject(pageQuery),
    reply: pageOf(apiToken),
    example: { reply: { items: [example], next: null } },
    handle: ({ caller, query }, ports) =>
      readList("listTokens", caller, query, ports, {
        read: async (after, limit) => {
          const all = await ports.storage.apiTokens.list(caller.user.id);
          return all.filter(({ id }) => after === undefined || id < after).slice(0, limit);
        },
        keyOf: ({ id }) => id,
        toView: viewOfToken,
      }),
  }),
  defineRoute("createToken", {
    method: "POST",
    path: "/tokens",
    area: "tokens",
    title: "Make an API token",
    description: "Its text is in this answer and nowhere else: only its hash is kept.",
    body: apiTokenInput,
    reply: newToken,
    statuses: [201],
    creates: true,
    example: {
      body: { name: "nightly report", scope: "read" },
      reply: { ...example, token: "lw_4fK2pQ8xYt7RbN1mZs6WcE3vJh9LgD5aUoT0iXkPqSyF" },
    },
    handle: async ({ caller, body, request }, { storage, newId }) => {
      if (body.expiresAt !== null && body.expiresAt <= request.at)
        return unprocessable([{ path: "body.expiresAt", rule: "must be in the future" }]);
      const token = newApiToken();
      const facts = { id: newId(), userId: caller.user.id, prefix: shownPrefix(token), createdAt: request.at, ...body };
      if (!(await storage.apiTokens.create({ ...facts, tokenHash: secretHash(token) })))
        return refuse(409, "too-many-tokens", "You have 100 tokens. Revoke one that you no longer need.");
      const after = viewOfToken({ ...facts, usedAt: null });
      const audit = { action: "token.created", kind: "token", objectId: facts.id, after };
      return answer({ ...after, token }, { headers: { location: `/api/tokens/${facts.id}` }, audit });
    },
  }),
  defineRoute("revokeToken", {
    method: "DELETE",
    path: "/tokens/{tokenId}",
    area: "tokens",
    title: "Revoke an API token",
    reply: null,
    example: { params: { tokenId: example.id } },
    handle: async ({ caller, object: { found } }, { storage }) => {
      if (!(await storage.apiTokens.revoke(caller.user.id, found.id))) return notFound();
      const audit = { action: "token.revoked", kind: "token", objectId: found.id, before: viewOfToken(found) };
      return answer(null, { audit });
    },
  }),
];

const viewOfToken = ({ id, name, scope, prefix, createdAt, usedAt, expiresAt }: ApiToken): ApiTokenView => ({
  id,
  name,
  scope,
  prefix,
  createdAt,
  usedAt,
  expiresAt,
});
