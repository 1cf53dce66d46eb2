// All messages in memory, sorted by time and then by arrival, so that a window is found by binary search.
import type { Window } from "@logwatch/events";
import type { Message } from "./message.ts";

export type MessageIndex = {
  add: (message: Message) => void;
  /** Oldest first. */
  within: (window: Window) => Message[];
  /** Removes what arrived up to and including `seq`. */
  forget: (seq: number) => void;
  count: () => number;
};

export const messageIndex = (): MessageIndex => {
  let sorted: Message[] = [];
  // Late messages wait here until somebody looks: a burst of them moves the others once.
  let late: Message[] = [];
  const settle = () => {
    const first = late.sort(byTime)[0];
    if (!first) return;
    const tail = sorted.splice(firstAt(sorted, first.at));
    const merged = [...tail, ...late].sort(byTime);
    late = [];
    for (const message of merged) sorted.push(message);
  };
  return {
    add: (message) => {
      const newest = sorted.at(-1);
      if (late.length === 0 && (!newest || newest.at <= message.at)) sorted.push(message);
      else late.push(message);
    },
    within: ({ from, to }) => {
      settle();
      return from < to ? sorted.slice(firstAt(sorted, from), firstAt(sorted, to)) : [];
    },
    forget: (seq) => {
      settle();
      sorted = sorted.filter((message) => message.seq > seq);
    },
    count: () => sorted.length + late.length,
  };
};

const byTime = (a: Message, b: Message): number => a.at - b.at || a.seq - b.seq;

/** The index of the first message that is not before `moment`. */
const firstAt = (messages: readonly Message[], moment: number): number => {
  let low = 0;
  let high = messages.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((messages[middle]?.at ?? 0) < moment) low = middle + 1;
    else high = middle;
  }
  return low;
};
