// Users of the instance, for its admins: who there is, inviting, roles, disabling, removing. Never what a user watches.
import { invitation, invitationInput, pageOf, pageQuery, sharedServices, user, userChange } from "@logwatch/events/api";
import * as z from "zod";
import { newSecret, secretHash } from "../../storage/sessions-secret.ts";
import { plainEmail } from "../../storage/users.ts";
import { readList } from "../list.ts";
import { notFound, refuse } from "../refusal.ts";
import { answer, defineRoute, type Route } from "../route.ts";
import { changedMeanwhile, etagOf } from "../version.ts";
import { accountExample, lastAdmin, leavingRefusal, viewOfUser } from "./accounts-view.ts";

const inviteMs = 7 * 86_400_000;
const mailMs = 10_000;
const example = { ...accountExample, state: "active" } as const;
const params = { userId: accountExample.id };

export const userRoutes: Route[] = [
  defineRoute("listUsers", {
    method: "GET",
    path: "/users",
    area: "users",
    title: "Users of the instance",
    query: z.strictObject(pageQuery),
    reply: pageOf(user),
    example: { reply: { items: [example], next: null } },
    handle: ({ caller, query }, ports) =>
      readList("listUsers", caller, query, ports, {
        read: (after, limit) => ports.storage.users.list({ after, limit }),
        keyOf: ({ id }) => id,
        toView: viewOfUser,
      }),
  }),
  defineRoute("inviteUser", {
    method: "POST",
    path: "/invitations",
    area: "users",
    title: "Invite somebody",
    description: "By mail, for that address alone, for 7 days. A newer invitation ends the older one.",
    body: invitationInput,
    reply: invitation,
    statuses: [201],
    creates: true,
    example: {
      body: { email: "user002@example.com" },
      reply: { email: "user002@example.com", expiresAt: "2026-11-29T12:00:00.000Z", sent: true },
    },
    handle: async ({ caller, body, request }, { storage, limits, newId, sendMail }) => {
      const limited = await limits.take("inviteByAdmin", caller.user.id);
      if (limited) return limited;
      const email = plainEmail(body.email);
      if (await storage.users.findByEmail(email))
        return refuse(409, "address-taken", "There is an account with this address already.");
      const token = newSecret();
      const expiresAt = request.at + inviteMs;
      const facts = { purpose: "invite", subject: email, createdAt: request.at, expiresAt } as const;
      await storage.mailTokens.issue({ ...facts, tokenHash: secretHash(token) });
      const mail = { kind: "invite", token, invitedBy: caller.user.name } as const;
      const { ok: sent } = await sendMail(newId(), email, mail, AbortSignal.timeout(mailMs));
      const after = { email, expiresAt, sent };
      return answer(after, { audit: { action: "user.invited", kind: "invitation", objectId: email, after } });
    },
  }),
  defineRoute("updateUser", {
    method: "PUT",
    path: "/users/{userId}",
    area: "users",
    title: "Change a user's role or state",
    description:
      "Ends the user's sessions; jobs on services that the user may not see any more are turned off. The last active admin stays one.",
    body: userChange,
    reply: user,
    versioned: true,
    example: { params, body: { role: "user", state: "active" }, reply: example },
    handle: async ({ object: { found }, body, request }, { storage }) => {
      const expected = request.expectedVersion ?? found.version;
      if (expected !== found.version) return changedMeanwhile(found.version, viewOfUser(found));
      // What stays as it is is left out: it would sign the user out for nothing.
      const change = {
        ...(body.role === found.role ? {} : { role: body.role }),
        ...(body.state === found.state ? {} : { state: body.state }),
      };
      const isSame = Object.keys(change).length === 0;
      const outcome = isSame ? "done" : await storage.users.update(found.id, expected, change, request.at);
      if (outcome === "last-admin") return lastAdmin();
      const now = await storage.users.find(found.id);
      if (!now) return notFound();
      const after = viewOfUser(now);
      if (outcome === "stale") return changedMeanwhile(now.version, after);
      const audit = { action: "user.changed", kind: "user", objectId: found.id, before: viewOfUser(found), after };
      return answer(after, { headers: { etag: etagOf(now.version) }, ...(isSame ? {} : { audit }) });
    },
  }),
  defineRoute("deleteUser", {
    method: "DELETE",
    path: "/users/{userId}",
    area: "users",
    title: "Remove a user",
    description: "With everything of theirs, for good. Disabling is the gentler way.",
    query: z.strictObject({ sharedServices }),
    reply: null,
    example: { params },
    handle: async ({ object: { found }, query }, { storage }) => {
      const leaving = await storage.users.leaving(found.id);
      const refused = leavingRefusal(leaving, query.sharedServices);
      if (refused) return refused;
      const outcome = await storage.users.remove(found.id, found.version);
      if (outcome === "last-admin") return lastAdmin();
      if (outcome === "stale") return refuse(409, "changed-meanwhile", "The user was changed just now. Try again.");
      await storage.runs.forgetUser(found.id);
      const before = { ...viewOfUser(found), leaving };
      return answer(null, { audit: { action: "user.removed", kind: "user", objectId: found.id, before } });
    },
  }),
];
