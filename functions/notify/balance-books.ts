// The books: every finding ends as sent, pending or suppressed with a reason (DESIGN §5.10). Pure.
import { type NotificationRecord, type SuppressReason, suppressReasons } from "../storage/notifications.ts";

/** Counts of findings (verdicts of one label set in one window). */
export type Books = {
  findings: number;
  sent: number;
  pending: number;
  suppressed: Partial<Record<SuppressReason, number>>;
};

type Told = Pick<NotificationRecord, "evaluationId" | "state" | "reason" | "findings"> &
  Partial<Pick<NotificationRecord, "sentAt">>;

/**
 * `untold`: findings that never became a message, per reason. A finding told to several destinations is sent when one of them
 * got it, pending while one is still owed, and else suppressed as its notifications are. A message that was delivered and is sent again
 * has been heard, whatever becomes of it. The message at a silence's end tells of no finding of its own: those are in the books.
 */
export const balanceBooks = (untold: ReadonlyMap<string, number>, notifications: readonly Told[]): Books => {
  const books: Books = { findings: 0, sent: 0, pending: 0, suppressed: {} };
  const suppress = (reason: string, count: number) => {
    const known = suppressReasons.find((one) => one === reason) ?? "failed";
    books.suppressed[known] = (books.suppressed[known] ?? 0) + count;
  };
  for (const [reason, count] of untold) suppress(reason, count);
  for (const told of groupBy(notifications, (one) => one.evaluationId).values()) {
    const [first] = told;
    if (!first) continue;
    if (told.some(wasSent)) books.sent += first.findings;
    else if (told.some((one) => one.state === "owed")) books.pending += first.findings;
    else if (first.findings > 0) suppress(first.state === "failed" ? "failed" : first.reason, first.findings);
  }
  books.findings = books.sent + books.pending + Object.values(books.suppressed).reduce((sum, count) => sum + count, 0);
  return books;
};

const wasSent = ({ state, sentAt = null }: Told): boolean => state === "sent" || sentAt !== null;

const groupBy = <Item>(items: readonly Item[], keyOf: (item: Item) => string): Map<string, Item[]> => {
  const groups = new Map<string, Item[]>();
  for (const item of items) {
    const group = groups.get(keyOf(item));
    if (group) group.push(item);
    else groups.set(keyOf(item), [item]);
  }
  return groups;
};
