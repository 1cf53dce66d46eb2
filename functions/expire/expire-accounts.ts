// Expire step, core of its second duty: what the API keeps for a while. Sessions and tokens that are over, answers kept for a request
// that might come twice, runs made by hand, and after 13 months the audit log.
import type { ApiStorage } from "../storage/api-storage.ts";
import { idempotencyKeptMs } from "../storage/idempotency.ts";
import { inBatches } from "./in-batches.ts";

export type ExpireAccountsPorts = {
  [Store in "sessions" | "apiTokens" | "mailTokens" | "idempotency" | "audit" | "runs"]: Pick<
    ApiStorage[Store],
    "forget"
  >;
} & { now: () => number };

const dayMs = 86_400_000;
const batchRows = 5000;
/** A run is looked at soon after it was made, or again within the month. */
const runsKeptMs = 30 * dayMs;
/** Lists show for so long that a token has expired, and which one it was. */
const expiredTokensKeptMs = 90 * dayMs;
const auditKeptMs = 396 * dayMs;

/** How many rows went. */
export const expireAccounts = (ports: ExpireAccountsPorts, maxBatches = 100): Promise<number> => {
  const now = ports.now();
  return inBatches(
    [
      () => ports.sessions.forget(now - dayMs, batchRows),
      () => ports.mailTokens.forget(now - dayMs, batchRows),
      () => ports.apiTokens.forget(now - expiredTokensKeptMs, batchRows),
      () => ports.idempotency.forget(now - idempotencyKeptMs, batchRows),
      () => ports.runs.forget(now - runsKeptMs, batchRows),
      () => ports.audit.forget(now - auditKeptMs, batchRows),
    ],
    maxBatches,
  );
};
