// Lets a few through at once, some wait, and turns the others away: what is costly cannot pile up without bound.

/** `busy`: as many work, and as many wait, as there may. */
export type Gate = <Value>(work: () => Promise<Value>) => Promise<Value | "busy">;

/** `most` work at once; `waiting` more wait for their turn, first come, first served. */
export const createGate = ({ most, waiting }: { most: number; waiting: number }): Gate => {
  let running = 0;
  const queue: (() => void)[] = [];
  return async (work) => {
    if (running >= most) {
      if (queue.length >= waiting) return "busy";
      // Whoever leaves hands its place on, so `running` stays what it is.
      await new Promise<void>((resolve) => queue.push(resolve));
    } else running += 1;
    try {
      return await work();
    } finally {
      const next = queue.shift();
      if (next) next();
      else running -= 1;
    }
  };
};
