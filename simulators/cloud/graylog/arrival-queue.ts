// Which messages have to go: the oldest by arrival, by number and by age. Pure but for the queue itself.

/** Oldest by arrival go first; ages in ms. */
export type Retention = { maxMessages: number; maxAgeMs: number };

export type ArrivalQueue = {
  add: (seq: number, receivedAt: number) => void;
  /** The last of those that have to go now, if any; they are forgotten here. */
  expired: (now: number) => number | undefined;
};

export const arrivalQueue = ({ maxMessages, maxAgeMs }: Retention): ArrivalQueue => {
  const arrivals: { seq: number; receivedAt: number }[] = [];
  return {
    add: (seq, receivedAt) => {
      arrivals.push({ seq, receivedAt });
    },
    expired: (now) => {
      const surplus = arrivals.length - maxMessages;
      const isGone = (at: number) => at < surplus || (arrivals[at]?.receivedAt ?? now) < now - maxAgeMs;
      let gone = 0;
      while (gone < arrivals.length && isGone(gone)) gone += 1;
      return arrivals.splice(0, gone).at(-1)?.seq;
    },
  };
};
