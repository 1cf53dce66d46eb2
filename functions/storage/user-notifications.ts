// Notifications as users of the API see them: those owed to their own destinations, and those of jobs on services where they are members.
import type { ServiceRole } from "./members.ts";
import type { NotificationRecord } from "./notifications.ts";

/** A notification with what it names. What is gone has null. */
export type NotificationLine = NotificationRecord & {
  destinationName: string | null;
  /** The reader's own, or for an admin one of the instance's file. */
  isOwnDestination: boolean;
  jobName: string | null;
  serviceId: string | null;
  serviceName: string | null;
  /** The reader's on the service. */
  serviceRole: ServiceRole | null;
};

export type NotificationLineQuery = {
  states?: readonly NotificationRecord["state"][] | undefined;
  destinationId?: string | undefined;
  jobId?: string | undefined;
  /** Those that told of it. */
  alertId?: string | undefined;
  /** Owed within `[from, to)`, epoch ms. */
  from?: number | undefined;
  to?: number | undefined;
  /** Only behind this one. */
  before?: Pick<NotificationRecord, "createdAt" | "notificationId"> | undefined;
  limit: number;
};

type Reader = { id: string; role: "user" | "admin" };

export type UserNotificationStore = {
  /** Newest first. */
  list: (reader: Reader, query: NotificationLineQuery) => Promise<NotificationLine[]>;
  /** Whoever it belongs to: who may see it is the roles' to say. */
  find: (reader: Reader, id: string) => Promise<NotificationLine | undefined>;
};
