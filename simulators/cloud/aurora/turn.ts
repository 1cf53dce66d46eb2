// Takes turns: one holder at a time, the others wait in order and no longer than a lock wait of the database.
import { refuse } from "./refusal.ts";

export type Turn = {
  /** Resolves with the end of the turn. @throws DatabaseErrorException when it took too long. */
  take: () => Promise<() => void>;
};

export const createTurn = (waitMs: number): Turn => {
  let held = false;
  const waiting: (() => void)[] = [];

  const release = () => {
    const next = waiting.shift();
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
        clearTimeout(timer);
        resolve(endOnce());
      };
      const timer = setTimeout(() => {
        waiting.splice(waiting.indexOf(go), 1);
        reject(refuse("DatabaseErrorException", "Lock wait timeout exceeded; try restarting transaction"));
      }, waitMs);
      waiting.push(go);
    });
  };
  return { take };
};
