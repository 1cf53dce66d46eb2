// Who belongs to a service, and as what. A service never loses its last owner.

export type ServiceRole = "viewer" | "editor" | "owner";
export type Member = {
  userId: string;
  name: string;
  email: string;
  role: ServiceRole;
  createdAt: number;
  updatedAt: number;
};
/** A service that would be left without an owner. `others`: its further members. */
export type SoleOwnership = { serviceId: string; name: string; others: number };

export type MemberStore = {
  /** Adds or changes. `unknown`: no such service or user. */
  put: (serviceId: string, userId: string, role: ServiceRole, at: number) => Promise<"done" | "unknown" | "last-owner">;
  /** In the same transaction the user's jobs on the service are turned off: what they find is none of a stranger's business. */
  remove: (
    serviceId: string,
    userId: string,
    at: number,
  ) => Promise<{ state: "done"; jobsOff: number } | { state: "unknown" | "last-owner" }>;
  /** In order of user id. */
  list: (serviceId: string, page: { after?: string | undefined; limit: number }) => Promise<Member[]>;
  find: (serviceId: string, userId: string) => Promise<Member | undefined>;
  roleOf: (serviceId: string, userId: string) => Promise<ServiceRole | undefined>;
  /** In order of service id. */
  visibleServices: (
    userId: string,
    page: { after?: string | undefined; limit: number },
  ) => Promise<{ serviceId: string; role: ServiceRole }[]>;
  /** Services that nobody but this user owns. */
  soleOwnerships: (userId: string) => Promise<SoleOwnership[]>;
};
