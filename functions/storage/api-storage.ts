// Every store of the API: the pipeline's, and those of accounts that only the API uses.
import type { Cluster, Redis } from "ioredis";
import { sqlApiTokens } from "./api-tokens.sql.ts";
import type { ApiTokenStore } from "./api-tokens.ts";
import { type AuditStore, sqlAudit } from "./audit.ts";
import type { Db } from "./db.ts";
import { type IdempotencyStore, sqlIdempotency } from "./idempotency.ts";
import { type MailTokenStore, sqlMailTokens } from "./mail-tokens.ts";
import { sqlMembers } from "./members.sql.ts";
import type { MemberStore } from "./members.ts";
import { openSqlStorage } from "./open-storage.ts";
import { type RoleStore, sqlRoles } from "./roles.sql.ts";
import { sqlServices } from "./services-with-members.sql.ts";
import type { ServiceStore } from "./services-with-members.ts";
import { sqlSessions } from "./sessions.sql.ts";
import type { SessionStore } from "./sessions.ts";
import { redisSessionCache } from "./sessions-cache.ts";
import type { Storage } from "./storage.ts";
import { sqlUserJobs } from "./user-jobs.sql.ts";
import type { UserJobStore } from "./user-jobs.ts";
import { sqlUserNotifications } from "./user-notifications.sql.ts";
import type { UserNotificationStore } from "./user-notifications.ts";
import { sqlUserWatch } from "./user-watch.sql.ts";
import type { UserWatchStore } from "./user-watch.ts";
import { sqlUsers } from "./users.sql.ts";
import type { UserStore } from "./users.ts";

export type ApiStorage = Storage & {
  users: UserStore;
  sessions: SessionStore;
  apiTokens: ApiTokenStore;
  mailTokens: MailTokenStore;
  members: MemberStore;
  roles: RoleStore;
  services: ServiceStore;
  userJobs: UserJobStore;
  userNotifications: UserNotificationStore;
  userWatch: UserWatchStore;
  idempotency: IdempotencyStore;
  audit: AuditStore;
};

/** Over a migrated database. `pause` is how a revocation waits when Redis is gone. */
export const openApiStorage = (
  db: Db,
  redis: Redis | Cluster,
  pause?: (ms: number) => Promise<unknown>,
): ApiStorage => {
  const cache = redisSessionCache(redis, pause);
  return {
    ...openSqlStorage(db, redis),
    users: sqlUsers(db, cache),
    sessions: sqlSessions(db, cache),
    apiTokens: sqlApiTokens(db),
    mailTokens: sqlMailTokens(db),
    members: sqlMembers(db),
    roles: sqlRoles(db),
    services: sqlServices(db),
    userJobs: sqlUserJobs(db),
    userNotifications: sqlUserNotifications(db),
    userWatch: sqlUserWatch(db),
    idempotency: sqlIdempotency(db),
    audit: sqlAudit(db),
  };
};
