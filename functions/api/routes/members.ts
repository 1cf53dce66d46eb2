// Members of a service: its owners say who they are. A service never loses its last owner; who leaves has their jobs there turned off.
import { member, memberChange, memberInput, memberRemoval, pageOf, pageQuery } from "@logwatch/events/api";
import * as z from "zod";
import type { ServiceRecord } from "../../storage/configuration.ts";
import { plainEmail } from "../../storage/users.ts";
import { readList } from "../list.ts";
import type { ApiPorts } from "../ports.ts";
import { notFound, type Refusal, refuse, unprocessable } from "../refusal.ts";
import { type Answer, answer, defineRoute, type Route } from "../route.ts";

const ofService = { serviceId: "01HZY000000000000000SERVICE" };
const ofMember = { ...ofService, userId: "01HZY000000000000000000USR" };
const example = {
  userId: ofMember.userId,
  name: "User002",
  email: "user002@example.com",
  role: "editor",
  createdAt: "2026-11-22T12:00:00.000Z",
  updatedAt: "2026-11-22T12:00:00.000Z",
} as const;

export const memberRoutes: Route[] = [
  defineRoute("listMembers", {
    method: "GET",
    path: "/services/{serviceId}/members",
    area: "members",
    title: "Members of a service",
    query: z.strictObject(pageQuery),
    reply: pageOf(member),
    example: { params: ofService, reply: { items: [example], next: null } },
    handle: ({ caller, object: { found }, query }, ports) =>
      readList("listMembers", caller, query, ports, {
        read: (after, limit) => ports.storage.members.list(found.item.id, { after, limit }),
        keyOf: ({ userId }) => userId,
        toView: (view) => view,
      }),
  }),
  defineRoute("addMember", {
    method: "POST",
    path: "/services/{serviceId}/members",
    area: "members",
    title: "Add a member",
    description: "By the address of an account of this instance.",
    body: memberInput,
    reply: member,
    statuses: [201],
    creates: true,
    example: { params: ofService, body: { email: "user002@example.com", role: "editor" }, reply: example },
    handle: async ({ caller, object: { found }, body, request }, { storage, limits }) => {
      const limited = await limits.take("memberByUser", caller.user.id);
      if (limited) return limited;
      const user = await storage.users.findByEmail(plainEmail(body.email));
      if (user?.state !== "active")
        return unprocessable([{ path: "body.email", rule: "there is no account with this address" }]);
      const serviceId = found.item.id;
      if (await storage.members.roleOf(serviceId, user.id))
        return refuse(409, "already-member", "This user is a member already. Change the role instead.");
      const outcome = await storage.members.put(serviceId, user.id, body.role, request.at);
      if (outcome === "unknown") return notFound();
      if (outcome === "last-owner") return lastOwner();
      const { id: userId, name, email } = user;
      const after = { userId, name, email, role: body.role, createdAt: request.at, updatedAt: request.at };
      const location = `/api/services/${serviceId}/members/${userId}`;
      return answer(after, { headers: { location }, audit: note("member.added", serviceId, null, after) });
    },
  }),
  defineRoute("updateMember", {
    method: "PUT",
    path: "/services/{serviceId}/members/{userId}",
    area: "members",
    title: "Change a member's role",
    body: memberChange,
    reply: member,
    example: { params: ofMember, body: { role: "viewer" }, reply: { ...example, role: "viewer" } },
    handle: async ({ object: { found }, params: { userId = "" }, body, request }, { storage }) => {
      const serviceId = found.item.id;
      const before = await storage.members.find(serviceId, userId);
      if (!before) return noMember();
      if (body.role !== "owner" && (await ownsSource(found.item, userId, storage))) return staysOwner();
      const outcome = await storage.members.put(serviceId, userId, body.role, request.at);
      if (outcome === "unknown") return noMember();
      if (outcome === "last-owner") return lastOwner();
      const after = { ...before, role: body.role, updatedAt: request.at };
      return answer(after, { audit: note("member.changed", serviceId, before, after) });
    },
  }),
  defineRoute("removeMember", {
    method: "DELETE",
    path: "/services/{serviceId}/members/{userId}",
    area: "members",
    title: "Remove a member",
    reply: memberRemoval,
    example: { params: ofMember, reply: { jobsOff: 1 } },
    handle: ({ object: { found }, params: { userId = "" }, request }, { storage }) =>
      removeFrom(storage, found.item, userId, request.at),
  }),
  defineRoute("leaveService", {
    method: "POST",
    path: "/services/{serviceId}/leave",
    area: "members",
    title: "Leave a service",
    reply: memberRemoval,
    example: { params: ofService, reply: { jobsOff: 1 } },
    handle: ({ caller, object: { found }, request }, { storage }) =>
      removeFrom(storage, found.item, caller.user.id, request.at),
  }),
];

const removeFrom = async (
  storage: ApiPorts["storage"],
  service: ServiceRecord,
  userId: string,
  at: number,
): Promise<Answer<{ jobsOff: number }> | Refusal> => {
  const { id: serviceId } = service;
  const before = await storage.members.find(serviceId, userId);
  if (before && (await ownsSource(service, userId, storage))) return staysOwner();
  const outcome = await storage.members.remove(serviceId, userId, at);
  if (outcome.state !== "done") return outcome.state === "unknown" ? noMember() : lastOwner();
  const { jobsOff } = outcome;
  return answer({ jobsOff }, { audit: note("member.removed", serviceId, { ...before, jobsOff }, null) });
};

const ownsSource = async (
  { sourceId }: ServiceRecord,
  userId: string,
  { configuration }: ApiPorts["storage"],
): Promise<boolean> => {
  const [source] = await configuration.find("sources", [sourceId]);
  return source?.ownerId === userId;
};

/** Or the others would go on reading that source, and its owner could neither see nor end it. */
const staysOwner = (): Refusal =>
  refuse(
    409,
    "owns-source",
    "The logs of this service come from a source of this user, who stays its owner as long as they do.",
  );

/** Told in words and not as 404: whoever asks owns the service, and may know who belongs to it. */
const noMember = (): Refusal => refuse(409, "no-member", "This user is no member of this service.");

const lastOwner = (): Refusal =>
  refuse(409, "last-owner", "A service has at least one owner. Make somebody else an owner first.");

const note = (action: string, objectId: string, before: unknown, after: unknown) => ({
  action,
  kind: "service",
  objectId,
  before,
  after,
});
