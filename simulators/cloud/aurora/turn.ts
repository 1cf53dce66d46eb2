// Takes turns: one holder at a time, the others wait in order and no longer than a lock wait of the database.
import { refuseSql } from "./refusal.ts";

export type Turn = {
  /** Resolves with the end of the turn. @throws DatabaseErrorException when it took too long. */
  take: () => Promise<() => void>;
};

export const refuseLongWait = (cause?: unknown) =>
  refuseSql(1205, "Lock wait timeout exceeded; try restarting transaction", cause);

export const createTurn = (waitMs: number): Turn => {
  let held = false;
  const waiting = new Set<() => void>();

  const release = () => {
    const [next] = waiting;
    if (next) next();
    else held = false;
  };
  const endOnce = () => {
    let isOver = false;
    return () => {
      if (isOver) return;
      isOver = true;
      release();
    };
  };
  const take = (): Promise<() => void> => {
    if (!held) {
      held = true;
      return Promise.resolve(endOnce());
    }
    return new Promise((resolve, reject) => {
      const go = () => {
        waiting.delete(go);
        clearTimeout(timer);
        resolve(endOnce());
      };
      const timer = setTimeout(() => {
        waiting.delete(go);
        reject(refuseLongWait());
      }, waitMs);
      waiting.add(go);
    });
  };
  return { take };
};
