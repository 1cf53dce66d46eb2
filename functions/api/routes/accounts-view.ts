// An account as the API shows it, and the refusals that several of its routes share.
import type { AccountView, UserView } from "@logwatch/events/api";
import type { Leaving, User } from "../../storage/users.ts";
import { type Refusal, refuse, unprocessable } from "../refusal.ts";

export const viewOfAccount = ({ id, email, name, role, version, createdAt, updatedAt }: User): AccountView => ({
  id,
  email,
  name,
  role,
  version,
  createdAt,
  updatedAt,
});

export const viewOfUser = (user: User): UserView => ({ ...viewOfAccount(user), state: user.state });

export const accountExample = {
  id: "01HZY000000000000000000USR",
  email: "user001@example.com",
  name: "User001",
  role: "user",
  version: 1,
  createdAt: "2026-11-22T12:00:00.000Z",
  updatedAt: "2026-11-22T12:00:00.000Z",
} as const;

export const goodPassword = "plum-quartz-onward-77";

export const passwordRefusal = (field: string, rule: string | undefined): Refusal | undefined =>
  rule === undefined ? undefined : unprocessable([{ path: `body.${field}`, rule }]);

/** Hashing takes a quarter of a second of a core; too many wait. */
export const busyHashing = (): Refusal =>
  refuse(503, "busy", "Too many sign in at this moment. Try again in a few seconds.", {
    headers: { "retry-after": "3" },
  });

export const lastAdmin = (): Refusal =>
  refuse(409, "last-admin", "This is the last admin who can act. Make somebody else an admin first.");

/** What stands in the way of an account's going. */
export const leavingRefusal = (leaving: Leaving, sharedServices: "delete" | undefined): Refusal | undefined => {
  if (leaving.toHandOver.length > 0) {
    const names = leaving.toHandOver.map(({ name }) => name).join(", ");
    return refuse(
      409,
      "hand-over",
      `Nobody else owns these services; make another member their owner first: ${names}.`,
    );
  }
  const shared = leaving.services.filter(({ others }) => others > 0);
  if (shared.length === 0 || sharedServices === "delete") return undefined;
  const names = shared.map(({ name }) => name).join(", ");
  return refuse(
    409,
    "shared",
    `Others are members of services that would go: ${names}. With \`sharedServices\` as \`delete\` they go.`,
  );
};
