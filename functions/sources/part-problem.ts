// What no source can answer, found before any is asked. In: one part and its window. Out: the reason in words, or nothing.
import type { Window } from "@logwatch/events";
import type { Part } from "../lib/question.ts";
import { buckets } from "./buckets.ts";
import { cursor } from "./cursor.ts";

/** More points than any picture shows; above, a search costs memory on both sides and tells nothing more. */
const maxBuckets = 50_000;

const isCount = (value: number): boolean => Number.isInteger(value) && value >= 1;

export const partProblem = (part: Part, window: Window): string | undefined => {
  if (!Number.isFinite(window.from) || !Number.isFinite(window.to)) return "The window needs two moments.";
  switch (part.kind) {
    case "count":
      return undefined;
    case "stats":
      return part.field === "" ? "Statistics need a field." : undefined;
    case "terms":
      if (part.by.length === 0 || part.by.includes("")) return "Groups need at least one field, each with a name.";
      return isCount(part.limit) ? undefined : "The limit of groups must be a whole number above 0.";
    case "histogram":
      if (!isCount(part.everyMs)) return "A bucket must be a whole number of milliseconds above 0.";
      if (part.limit !== undefined && !isCount(part.limit))
        return "The limit of groups must be a whole number above 0.";
      if (buckets(window, part.everyMs).count > maxBuckets) {
        return `The window has more than ${maxBuckets} buckets; use longer ones.`;
      }
      return undefined;
    case "messages":
      if (!isCount(part.limit)) return "The limit of messages must be a whole number above 0.";
      if (part.after !== undefined && !cursor(part.after)) return "The cursor is not one that an earlier answer gave.";
      return undefined;
  }
};
