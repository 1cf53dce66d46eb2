// What is owed to whom, and how it ended. A notification is written before it is sent and marked sent only after success.
import type { Notification } from "@logwatch/events";

/** Why a finding was not told (DESIGN §5.10). */
export const suppressReasons = [
  "below-threshold",
  "pending",
  "silenced",
  "not-due",
  "acknowledged",
  "capped",
  "rate-limited",
  "flapping",
  "no-destination",
  "resolved-not-wanted",
  "failed",
] as const;
export type SuppressReason = (typeof suppressReasons)[number];

export type NotificationRecord = Notification & {
  jobId: string;
  /** `owed` until it ends as one of the others. */
  state: "owed" | "sent" | "suppressed" | "failed";
  /** A SuppressReason when suppressed; the delivery's kind and words when failed or being retried; else "". */
  reason: string;
  /** Findings (label sets) this message tells of. */
  findings: number;
  attempts: number;
  createdAt: number;
  /** When to try (again); only while owed. */
  nextAttemptAt: number;
  sentAt: number | null;
  providerId: string | null;
};

export type Settlement = Pick<
  NotificationRecord,
  "notificationId" | "state" | "reason" | "attempts" | "nextAttemptAt" | "sentAt" | "providerId"
>;

export type NotificationStore = {
  /** Inserts what is not there yet; returns the records as they are stored now (older ones keep their state). */
  owe: (records: readonly NotificationRecord[]) => Promise<NotificationRecord[]>;
  find: (ids: readonly string[]) => Promise<NotificationRecord[]>;
  /** Owed and `nextAttemptAt <= now`, oldest first. */
  due: (now: number, limit: number) => Promise<NotificationRecord[]>;
  /** Ends or puts off what is still owed; what has ended stays, and so does what has been tried more often since it was read. */
  settle: (settlements: readonly Settlement[]) => Promise<void>;
  /** Newest first. */
  list: (limit: number) => Promise<NotificationRecord[]>;
  /** How many were created for each destination since then, suppressed ones not counted. */
  countSince: (destinationIds: readonly string[], since: number) => Promise<Map<string, number>>;
  /** Deletes at most `limit` that ended and were created before then. How many went. */
  forget: (before: number, limit: number) => Promise<number>;
};
