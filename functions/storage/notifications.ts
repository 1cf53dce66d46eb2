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
  /** When it was last delivered; stays when it is sent again. */
  sentAt: number | null;
  providerId: string | null;
  /** Only when somebody had it sent again: when, and in words how it had ended before. */
  resent?: { at: number; earlier: string } | undefined;
};

/** `resent` as it was read: who read a message before it was sent again changes nothing of it. */
export type Settlement = Pick<
  NotificationRecord,
  "notificationId" | "state" | "reason" | "attempts" | "nextAttemptAt" | "sentAt" | "providerId" | "resent"
>;

export type NotificationQuery = {
  jobIds?: readonly string[] | undefined;
  destinationIds?: readonly string[] | undefined;
  /** Of an alert's timeline: every message that told of it. */
  evaluationIds?: readonly string[] | undefined;
  states?: readonly NotificationRecord["state"][] | undefined;
  /** Behind this one. */
  before?: Pick<NotificationRecord, "createdAt" | "notificationId"> | undefined;
  limit: number;
};

export type NotificationStore = {
  /** Inserts what is not there yet; returns the records as they are stored now (older ones keep their state). */
  owe: (records: readonly NotificationRecord[]) => Promise<NotificationRecord[]>;
  find: (ids: readonly string[]) => Promise<NotificationRecord[]>;
  /** Owed and `nextAttemptAt <= now`, oldest first. */
  due: (now: number, limit: number) => Promise<NotificationRecord[]>;
  /** Ends or puts off what is still owed; what has ended stays, and so does what has been tried more often since it was read. */
  settle: (settlements: readonly Settlement[]) => Promise<void>;
  /** Newest first; of a number, that many of all. */
  list: (query: NotificationQuery | number) => Promise<NotificationRecord[]>;
  /**
   * A message that has ended (sent, failed or suppressed) is owed once more, at once and with no tries. False when it is owed anyway
   * or gone. In the books it stays the same finding: what was sent once stays sent, anything else is pending again.
   */
  resend: (id: string, now: number) => Promise<boolean>;
  /** How many were created for each destination since then, suppressed ones not counted. */
  countSince: (destinationIds: readonly string[], since: number) => Promise<Map<string, number>>;
  /** Deletes at most `limit` that ended and were created before then. How many went. */
  forget: (before: number, limit: number) => Promise<number>;
};

/** How a message ended, in words. */
export const endOf = ({ state, reason, attempts, sentAt, providerId }: NotificationRecord): string =>
  state === "sent"
    ? `sent ${new Date(sentAt ?? 0).toISOString()}${providerId === null ? "" : ` as ${providerId}`}`
    : `${state} after ${attempts} ${attempts === 1 ? "try" : "tries"}${reason === "" ? "" : `: ${reason}`}`;
