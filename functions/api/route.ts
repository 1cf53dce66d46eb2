// The contract of a route: what it is called by, what it may be told, what it answers, an example, and what it does. Data but for
// `handle`; who may call it stands in the access table. OpenAPI, parsing, encoding and the tests are made from it.
import type * as z from "zod";
import type { access, ObjectKind, Role, RouteId } from "./access.ts";
import type { Caller } from "./authenticate.ts";
import type { FoundObjects } from "./find-object.ts";
import type { ApiPorts } from "./ports.ts";
import type { Refusal } from "./refusal.ts";

/** What of an HTTP request a route may want beside its input. */
export type RequestFacts = {
  id: string;
  /** When it came, epoch ms. */
  at: number;
  /** Where it came from, as the gateway saw it. */
  address: string;
  agent: string;
  cookies: Readonly<Record<string, string>>;
  /** The version `If-Match` names; null for `*` or where the route is not versioned. */
  expectedVersion: number | null;
  ifNoneMatch: string | null;
  /** As it came, for routes that take one of their own. */
  ifMatch: string | null;
};

/** An entry of the audit log; never with a secret. `before` and `after` are what changed, as the API shows it. */
export type AuditNote = {
  action: string;
  kind: string;
  objectId: string;
  before?: unknown;
  after?: unknown;
  /** Who did it, where this very request proved who that is; else the caller. */
  actor?: { id: string; name: string };
};

export type Answer<Body> = {
  ok: true;
  status?: number;
  body: Body;
  headers?: Readonly<Record<string, string>>;
  /** `Set-Cookie` lines. */
  cookies?: readonly string[];
  /** What an answer to a write must have, unless it changed nothing. */
  audit?: AuditNote | readonly AuditNote[];
};

/** What a handler answers with; `more` where it is not just 200. */
export const answer = <Body>(body: Body, more: Omit<Answer<Body>, "ok" | "body"> = {}): Answer<Body> => ({
  ok: true,
  body,
  ...more,
});

type Row<Id extends RouteId> = (typeof access)[Id];
type ObjectOf<Id extends RouteId> =
  Row<Id> extends { object: { kind: infer Kind extends ObjectKind } } ? FoundObjects[Kind] & { role: Role } : undefined;
type CallerOf<Id extends RouteId> = Row<Id> extends { who: "anyone" } ? Caller | undefined : Caller;
type Out<Schema extends z.ZodType | undefined> = Schema extends z.ZodType ? z.output<Schema> : undefined;

export type Call<Id extends RouteId, Query extends z.ZodType | undefined, Body extends z.ZodType | undefined> = {
  caller: CallerOf<Id>;
  /** What the object check found, with the caller's role on it. */
  object: ObjectOf<Id>;
  /** Path parameters; all are ids. */
  params: Readonly<Record<string, string>>;
  query: Out<Query>;
  body: Out<Body>;
  request: RequestFacts;
};

export type RouteSpec<
  Id extends RouteId,
  Query extends z.ZodType | undefined,
  Body extends z.ZodType | undefined,
  Reply extends z.ZodType | null,
> = {
  method: "GET" | "POST" | "PUT" | "DELETE";
  /** Below `/api`: `/jobs/{jobId}`. */
  path: string;
  area: string;
  title: string;
  description?: string;
  /** Strict object schemas: what they do not name is refused by name. */
  query?: Query;
  body?: Body;
  /** Null: no body, 204. */
  reply: Reply;
  /** Statuses of success; 200, or 204 without a body, when absent. */
  statuses?: readonly number[];
  /** Changes something that has a version: `If-Match` must name it. */
  versioned?: true;
  /** Makes something: takes an `Idempotency-Key`. */
  creates?: true;
  /** An answer that holds nothing personal and may be kept by caches. */
  isPublic?: true;
  /** Not JSON: the media type of the text that `body` of the answer is. */
  media?: string;
  example: {
    params?: Readonly<Record<string, string>>;
    query?: Readonly<Record<string, string>>;
    body?: Body extends z.ZodType ? z.input<Body> : undefined;
    reply?: unknown;
  };
  handle: (
    call: Call<Id, Query, Body>,
    ports: ApiPorts,
  ) => Promise<Answer<Reply extends z.ZodType ? z.output<Reply> : null> | Refusal>;
};

/** A route as the dispatcher sees it: the schemas still parse, their types are gone. */
export type Route = {
  id: RouteId;
  method: "GET" | "POST" | "PUT" | "DELETE";
  path: string;
  area: string;
  title: string;
  description: string;
  query: z.ZodType | undefined;
  body: z.ZodType | undefined;
  reply: z.ZodType | null;
  statuses: readonly number[];
  isVersioned: boolean;
  creates: boolean;
  isPublic: boolean;
  media: string | undefined;
  example: {
    params?: Readonly<Record<string, string>>;
    query?: Readonly<Record<string, string>>;
    body?: unknown;
    reply?: unknown;
  };
  handle: (call: UntypedCall, ports: ApiPorts) => Promise<Answer<unknown> | Refusal>;
};

export type UntypedCall = {
  caller: Caller | undefined;
  object: unknown;
  params: Readonly<Record<string, string>>;
  query: unknown;
  body: unknown;
  request: RequestFacts;
};

/** Closes over the schemas, so that outside every route has the same type. */
export const defineRoute = <
  Id extends RouteId,
  Query extends z.ZodType | undefined,
  Body extends z.ZodType | undefined,
  Reply extends z.ZodType | null,
>(
  id: Id,
  spec: RouteSpec<Id, Query, Body, Reply>,
): Route => {
  const { versioned, creates, isPublic, description, statuses, query, body, media, ...rest } = spec;
  return {
    ...rest,
    id,
    description: description ?? "",
    query,
    body,
    media,
    statuses: statuses ?? [spec.reply === null ? 204 : 200],
    isVersioned: versioned === true,
    creates: creates === true,
    isPublic: isPublic === true,
    handle: (call, ports) => spec.handle(asTyped(call), ports),
  };
};

/** Safe: the dispatcher parsed query and body by this very route's schemas and found the object its row of the table names. */
const asTyped = <Id extends RouteId, Query extends z.ZodType | undefined, Body extends z.ZodType | undefined>(
  call: UntypedCall,
) => call as Call<Id, Query, Body>;
