// Formats: the structured data of RFC 5424, `[id name="value" …][…]` or `-`. One pass, no backtracking.
import type { FieldValue } from "@logwatch/events";

/** A message may carry as many parameters as it likes; a log store would refuse it with more fields than these. */
const maxFields = 100;

/** Reads from `start`; `end` is where the message begins. Undefined when it is broken. */
export const readStructuredData = (
  text: string,
  start: number,
): { fields: Record<string, FieldValue>; end: number } | undefined => {
  if (text[start] === "-") return { fields: {}, end: start + 1 };
  const found: [string, string][] = [];
  let at = start;
  while (text[at] === "[") {
    const id = wordAt(text, at + 1);
    at += 1 + id.length;
    while (text[at] === " ") {
      const name = wordAt(text, at + 1);
      at += 1 + name.length;
      if (name === "" || text[at] !== "=" || text[at + 1] !== '"') return undefined;
      const end = closingQuote(text, at + 2);
      if (end < 0) return undefined;
      if (found.length < maxFields)
        found.push([`log.syslog.structured_data.${id}.${name}`, unescaped(text.slice(at + 2, end))]);
      at = end + 1;
    }
    if (id === "" || text[at] !== "]") return undefined;
    at += 1;
  }
  return at === start ? undefined : { fields: Object.fromEntries(found), end: at };
};

const wordPattern = /[^\s=\]"]{0,32}/y;

const wordAt = (text: string, at: number): string => {
  wordPattern.lastIndex = at;
  return wordPattern.exec(text)?.[0] ?? "";
};

const closingQuote = (text: string, from: number): number => {
  for (let at = from; at < text.length; at += 1) {
    if (text[at] === "\\") at += 1;
    else if (text[at] === '"') return at;
  }
  return -1;
};

const unescaped = (value: string): string => (value.includes("\\") ? value.replace(/\\(["\\\]])/g, "$1") : value);
