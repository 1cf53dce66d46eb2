// Whose things a user owns: their own, and for an admin what the instance's file declares.
import { instanceOwners } from "../storage/configuration.ts";
import type { User } from "../storage/users.ts";

/** Ids of owners, as what is configured names them. */
export const ownersOf = (user: Pick<User, "id" | "role">): readonly string[] =>
  user.role === "admin" ? [user.id, ...instanceOwners] : [user.id];
