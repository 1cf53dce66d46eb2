// What a local stack tells of itself, as JSON: what was owed, the books, the ledger, the dead letters and their way back. This
// machine only.
import { deadLetterTopic } from "@logwatch/events";
import { balanceBooks } from "../../functions/notify/balance-books.ts";
import type { Storage } from "../../functions/storage/storage.ts";
import { redriveDeadLetters } from "../cloud/event-source-mapping/dead-letter.ts";
import type { Kafka } from "../cloud/kafka/kafka.ts";

/** By path; what changes something has its method before it. */
export type BookRoutes = Record<string, () => Promise<unknown>>;

const shown = 1000;

export const bookRoutes = (open: () => { storage: Storage; kafka: Kafka } | undefined): BookRoutes => {
  const stack = () => {
    const opened = open();
    if (!opened) throw new Error("The stack is still starting.");
    return opened;
  };
  return {
    "/notifications": async () => {
      const records = await stack().storage.notifications.list(shown);
      return records.map(
        ({
          notificationId,
          state,
          reason,
          attempts,
          channel,
          destinationId,
          ruleId,
          evaluationId,
          message,
          findings,
          createdAt,
          sentAt,
          nextAttemptAt,
          providerId,
        }) => ({
          id: notificationId,
          state,
          reason,
          attempts,
          channel,
          destination: destinationId,
          rule: ruleId,
          evaluation: evaluationId,
          title: message.title,
          findings,
          createdAt: iso(createdAt),
          sentAt: iso(sentAt),
          nextAttemptAt: state === "owed" ? iso(nextAttemptAt) : null,
          providerId,
        }),
      );
    },
    "/books": async () => {
      const { storage } = stack();
      return balanceBooks(await storage.findings.totals(), await storage.notifications.list(100_000));
    },
    "/coverage": async () => {
      const { storage } = stack();
      const { jobs } = await storage.configuration.read();
      const ledger: Record<string, unknown> = {};
      for (const job of jobs) {
        const ranges = await storage.coverage.read(job.id, 0, Number.MAX_SAFE_INTEGER);
        ledger[job.id] = ranges.map(({ from, to, state, revision, reason }) => ({
          from: iso(from),
          to: iso(to),
          state,
          revision,
          reason,
          slots: (to - from) / job.everyMs,
        }));
      }
      return ledger;
    },
    "/dead-letters": async () => stack().kafka.read(deadLetterTopic, shown),
    "POST /dead-letters/redrive": async () => ({ redriven: await redriveDeadLetters(stack().kafka, deadLetterTopic) }),
  };
};

const iso = (ms: number | null): string | null => (ms === null ? null : new Date(ms).toISOString());
