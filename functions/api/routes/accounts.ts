// My account: who I am, my name, and how it goes with all that is mine.
import { account, accountChange, accountDeletion, accountDeletionOrder, me } from "@logwatch/events/api";
import { verifyPassword } from "../passwords.ts";
import { refuse } from "../refusal.ts";
import { answer, defineRoute, type Route } from "../route.ts";
import { endSessionCookie } from "../session-cookie.ts";
import { changedMeanwhile, etagOf } from "../version.ts";
import { passwordRoutes, wrongPassword } from "./accounts-password.ts";
import { register } from "./accounts-register.ts";
import {
  accountExample,
  busyHashing,
  goodPassword,
  lastAdmin,
  leavingRefusal,
  viewOfAccount,
} from "./accounts-view.ts";

export const accountRoutes: Route[] = [
  register,
  ...passwordRoutes,
  defineRoute("getMe", {
    method: "GET",
    path: "/me",
    area: "accounts",
    title: "Who am I?",
    reply: me,
    example: { reply: { ...accountExample, via: "session", scope: "write" } },
    handle: async ({ caller: { user, via, scope } }) =>
      answer({ ...viewOfAccount(user), via, scope }, { headers: { etag: etagOf(user.version) } }),
  }),
  defineRoute("updateMe", {
    method: "PUT",
    path: "/me",
    area: "accounts",
    title: "Change my name",
    body: accountChange,
    reply: account,
    versioned: true,
    example: { body: { name: "User001" }, reply: accountExample },
    handle: async ({ caller, body, request }, { storage }) => {
      const { id, version } = caller.user;
      const change = { name: body.name };
      const outcome = await storage.users.update(id, request.expectedVersion ?? version, change, request.at);
      const now = await storage.users.find(id);
      if (!now) return refuse(409, "gone", "This account is gone.");
      const after = viewOfAccount(now);
      if (outcome !== "done") return changedMeanwhile(now.version, after);
      const before = viewOfAccount(caller.user);
      const audit = { action: "account.changed", kind: "user", objectId: id, before, after };
      return answer(after, { headers: { etag: etagOf(now.version) }, audit });
    },
  }),
  defineRoute("previewDeleteMe", {
    method: "GET",
    path: "/me/deletion",
    area: "accounts",
    title: "What would go with my account",
    reply: accountDeletion,
    example: {
      reply: {
        sources: 1,
        jobs: 3,
        destinations: 2,
        services: [{ id: "01HZY000000000000000SERVICE", name: "auth", others: 2 }],
        toHandOver: [],
      },
    },
    handle: async ({ caller }, { storage }) => answer(await storage.users.leaving(caller.user.id)),
  }),
  defineRoute("deleteMe", {
    method: "POST",
    path: "/me/deletion",
    area: "accounts",
    title: "Delete my account",
    description: "With everything of mine, for good. `GET` of the same path says what that is. Asks for the password.",
    body: accountDeletionOrder,
    reply: null,
    example: { body: { password: goodPassword } },
    handle: async ({ caller: { user }, body }, { storage, limits }) => {
      const limited = await limits.take("passwordOfUser", user.id);
      if (limited) return limited;
      const verdict = await verifyPassword(body.password, await storage.users.passwordHash(user.id));
      if (verdict === "busy") return busyHashing();
      if (verdict === "wrong") return wrongPassword("password");
      const leaving = await storage.users.leaving(user.id);
      const refused = leavingRefusal(leaving, body.sharedServices);
      if (refused) return refused;
      const now = await storage.users.find(user.id);
      const outcome = now ? await storage.users.remove(user.id, now.version) : "stale";
      if (outcome === "last-admin") return lastAdmin();
      if (outcome === "stale") return refuse(409, "changed-meanwhile", "The account was changed just now. Try again.");
      await storage.runs.forgetUser(user.id);
      const before = { ...viewOfAccount(user), leaving };
      const audit = { action: "account.removed", kind: "user", objectId: user.id, before };
      return answer(null, { cookies: [endSessionCookie()], audit });
    },
  }),
];
