// Rule preview: the messages there would have been, to whom, and the books of all findings. Counts all, lists the first.
import type { AlertUpdate, Message } from "@logwatch/events";
import { type Books, balanceBooks } from "../../notify/balance-books.ts";
import { composeMessage } from "../../notify/compose-message.ts";
import type { FindingRecord } from "../../storage/findings.ts";
import type { NotificationRecord } from "../../storage/notifications.ts";
import { type Bounded, openBoundedList } from "./bounded-list.ts";

/** `destinationId`: null when nobody would hear it yet. `reason`: why it would not be sent; "" when it would. `at`: epoch ms. */
export type PreviewMessage = {
  at: number;
  ruleName: string;
  destinationId: string | null;
  reason: string;
  message: Message;
};

/** Messages by how they end: to somebody, held back by the destination's limit, or to nobody yet. */
export type PreviewMessages = Bounded<PreviewMessage> & { sent: number; suppressed: number; toNobody: number };

/** `maxItems` and `maxLength` bound what is listed, not what is counted. */
export const collectMessages = (maxItems: number, maxLength: number) => {
  const list = openBoundedList<PreviewMessage>(maxItems, maxLength);
  const counts = { sent: 0, suppressed: 0, toNobody: 0 };
  const untold = new Map<string, number>();
  const told: Books = { findings: 0, sent: 0, pending: 0, suppressed: {} };
  return {
    /** One evaluation's findings that became no message. */
    addFindings: (findings: readonly FindingRecord[]): void => {
      for (const { reason, count } of findings) untold.set(reason, (untold.get(reason) ?? 0) + count);
    },
    /** One update and every notification it led to, as they ended. */
    addUpdate: (update: AlertUpdate, records: readonly NotificationRecord[], at: number): void => {
      addBooks(told, balanceBooks(new Map(), records));
      const { ruleName } = update;
      if (records.length === 0) {
        counts.toNobody += 1;
        list.add({ at, ruleName, destinationId: null, reason: "no-destination", message: composeMessage(update) });
      }
      for (const { destinationId, state, reason, message } of records) {
        counts[state === "sent" ? "sent" : "suppressed"] += 1;
        list.add({ at, ruleName, destinationId, reason, message });
      }
    },
    /**
     * The books of that many verdicts: windows in which nothing breached leave no finding, so what is not in them was below its
     * threshold. @throws when there are more findings than verdicts: no figure could be trusted.
     */
    read: (verdicts: number): { messages: PreviewMessages; books: Books } => {
      const books = balanceBooks(untold, []);
      addBooks(books, told);
      const quiet = verdicts - books.findings;
      if (quiet < 0) throw new Error(`The books do not balance: ${verdicts} verdicts, ${books.findings} findings.`);
      addBooks(books, balanceBooks(new Map(quiet > 0 ? [["below-threshold", quiet]] : []), []));
      return { messages: { ...list.read(), ...counts }, books };
    },
  };
};

const addBooks = (books: Books, more: Books): void => {
  books.findings += more.findings;
  books.sent += more.sent;
  books.pending += more.pending;
  for (const [reason, count] of Object.entries(more.suppressed) as [keyof Books["suppressed"], number][]) {
    books.suppressed[reason] = (books.suppressed[reason] ?? 0) + count;
  }
};
