// One outside call, ended by the caller or by the clock, whichever comes first.

/** How a call ended early; undefined while it may still go on. */
export type TimeLimit = { signal: AbortSignal; over: () => boolean };

/** Runs `work` with a signal that fires when `outer` does or after `limitMs`. The timer never outlives the work. */
export const withTimeLimit = async <Value>(
  outer: AbortSignal,
  limitMs: number,
  work: (limit: TimeLimit) => Promise<Value>,
): Promise<Value> => {
  // Not AbortSignal.any with AbortSignal.timeout: on Node 20 such a pair can be collected before it fires.
  const ended = new AbortController();
  const end = () => ended.abort();
  const timer = setTimeout(end, limitMs);
  outer.addEventListener("abort", end, { once: true });
  if (outer.aborted) end();
  try {
    return await work({ signal: ended.signal, over: () => ended.signal.aborted });
  } finally {
    clearTimeout(timer);
    outer.removeEventListener("abort", end);
  }
};
