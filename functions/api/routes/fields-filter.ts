// A filter that a user gave, checked before any log store hears of it: it parses alone, within bounds, or is refused by position.
import { parseFilter } from "../../lib/lucene.ts";
import { type Refusal, unprocessable } from "../refusal.ts";

/** Nothing when it can be used. It is then joined to others as a clause of its own, never as text. */
export const filterRefusal = (filter: string, path: string): Refusal | undefined => {
  const parsed = parseFilter(filter);
  if (parsed.ok) return undefined;
  const { message, position } = parsed.error;
  return unprocessable([{ path, rule: position === null ? message : `${message} (at position ${position})` }]);
};
