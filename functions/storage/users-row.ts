// A user as a row, alone or joined to a session or token.
import * as z from "zod";
import type { Row } from "./db.ts";
import type { User } from "./users.ts";

/** For a SELECT over `users u`; no other column of it may start with `u_`. */
export const userColumns = "id, email, name, role, state, created_at, updated_at, version"
  .split(", ")
  .map((name) => `u.${name} AS u_${name}`)
  .join(", ");

const userRow = z.object({
  u_id: z.string(),
  u_email: z.string(),
  u_name: z.string(),
  u_role: z.enum(["user", "admin"]),
  u_state: z.enum(["active", "disabled"]),
  u_created_at: z.number(),
  u_updated_at: z.number(),
  u_version: z.number(),
});

export const toUser = (raw: Row): User => {
  const row = userRow.parse(raw);
  return {
    id: row.u_id,
    email: row.u_email,
    name: row.u_name,
    role: row.u_role,
    state: row.u_state,
    createdAt: row.u_created_at,
    updatedAt: row.u_updated_at,
    version: row.u_version,
  };
};
