// Trying a database call again: only when the server cannot have carried it out or may do so twice, and only within a budget.
import { setTimeout as sleep } from "node:timers/promises";

/** `budgetMs`: how long a paused cluster is waited for; it takes 15 to 30 s to resume. */
export type RetryLimits = { budgetMs: number; firstPauseMs: number };

/** Below the shortest time-out of a Lambda that calls it. */
const defaults: RetryLimits = { budgetMs: 40_000, firstPauseMs: 250 };
const longestPauseMs = 4_000;

/** A paused cluster is waited for with growing pauses; anything else that never started is tried once more. */
export const withRetry = async <Value>(call: () => Promise<Value>, limits: RetryLimits = defaults): Promise<Value> => {
  const giveUpAt = Date.now() + limits.budgetMs;
  for (let attempt = 0; ; attempt += 1) {
    try {
      return await call();
    } catch (error) {
      const pauseMs = Math.min(longestPauseMs, limits.firstPauseMs * 2 ** attempt);
      const isWorthIt = isResuming(error) || (attempt === 0 && neverStarted(error));
      if (!isWorthIt || Date.now() + pauseMs > giveUpAt) throw error;
      await sleep(pauseMs);
    }
  }
};

const isResuming = (error: unknown): boolean => nameOf(error) === "DatabaseResumingException";

const refusals = new Set([
  "ServiceUnavailableError",
  "DatabaseUnavailableException",
  "ThrottlingException",
  "TooManyRequestsException",
]);
/**
 * The connection was not there, or was closed while it lay idle. If it broke during the answer, the statement was carried out
 * and is repeated: every statement of the stores may be, because it writes by key or under a condition.
 */
const connectionCodes = new Set(["ECONNREFUSED", "ECONNRESET", "EPIPE"]);

const neverStarted = (error: unknown): boolean =>
  refusals.has(nameOf(error)) ||
  (error instanceof Error && "code" in error && typeof error.code === "string" && connectionCodes.has(error.code));

const nameOf = (error: unknown): string => (error instanceof Error ? error.name : "");
