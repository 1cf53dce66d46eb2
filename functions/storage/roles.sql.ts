// Roles: what a user may do on a service, or on what belongs to one, by the id of the thing alone. One statement each, whether the
// thing is there or not, so that neither the answer nor its time tells which.
import * as z from "zod";
import { isInstanceOwner } from "./configuration.ts";
import type { Db } from "./db.ts";
import type { ServiceRole } from "./members.ts";

/** Whose id of a service each kind of thing is found by. `managed_by` and `own` may raise the role. */
type Kind = "service" | "job" | "alert" | "silence" | "notification";

export type RoleStore = {
  /**
   * The role of a user on a service, or on a thing of one; undefined when there is none, or no such thing. A job's own user with at
   * least `editor` on the service owns the job; an admin owns what the instance's file declares; whoever a notification was owed
   * to owns it.
   */
  on: (kind: Kind, id: string, user: { id: string; role: "user" | "admin" }) => Promise<ServiceRole | undefined>;
};

/** `own_id`: the user who owns the thing itself. */
const things: Record<Kind, string> = {
  service:
    "SELECT s.id AS service_id, s.managed_by AS own_id, s.managed_by AS declared_by FROM services s WHERE s.id = :id",
  job: "SELECT j.service_id AS service_id, j.managed_by AS own_id, s.managed_by AS declared_by FROM jobs j LEFT JOIN services s ON s.id = j.service_id WHERE j.id = :id",
  alert:
    "SELECT a.service_id AS service_id, '' AS own_id, s.managed_by AS declared_by FROM episodes a LEFT JOIN services s ON s.id = a.service_id WHERE a.alert_id = :id",
  silence:
    "SELECT i.service_id AS service_id, '' AS own_id, s.managed_by AS declared_by FROM silences i LEFT JOIN services s ON s.id = i.service_id WHERE i.id = :id",
  notification: `SELECT j.service_id AS service_id, d.managed_by AS own_id, d.managed_by AS declared_by FROM notifications n
    LEFT JOIN jobs j ON j.id = n.job_id LEFT JOIN destinations d ON d.id = n.destination_id WHERE n.id = :id`,
};

const row = z.object({
  own_id: z.string().nullish(),
  declared_by: z.string().nullish(),
  role: z.enum(["viewer", "editor", "owner"]).nullish(),
});

export const sqlRoles = (db: Db): RoleStore => ({
  on: async (kind, id, user) => {
    const { rows } = await db.execute(
      `SELECT t.own_id AS own_id, t.declared_by AS declared_by, m.role AS role FROM (${things[kind]}) t
        LEFT JOIN service_members m ON m.service_id = t.service_id AND m.user_id = :userId`,
      { id, userId: user.id },
    );
    const [first] = rows;
    if (!first) return undefined;
    const { own_id, declared_by, role } = row.parse(first);
    if (user.role === "admin" && isInstanceOwner(declared_by ?? "")) return "owner";
    if (own_id !== user.id) return role ?? undefined;
    // Whoever left a service has nothing left of it; what was sent to one's own destination stays one's own.
    if (kind === "notification") return "owner";
    return kind === "job" && role !== "editor" ? (role ?? undefined) : role ? "owner" : undefined;
  },
});
