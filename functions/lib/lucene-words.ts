// How a text is compared with what a filter asks: cut into words as Lucene's standard analyser does (Unicode word breaks,
// lower case), phrases in order, wildcards in linear time, words that are almost equal.
import { anyOne, anyRun, type Glob } from "./lucene-tokens.ts";

/** Letters, digits and underscores; dots and apostrophes join letters, dots and commas join digits. */
const wordShape =
  /[\p{L}\p{M}\p{N}_]+(?:(?:(?<=\p{L})[.':’·](?=\p{L})|(?<=\p{Nd})[.,;'](?=\p{Nd}))[\p{L}\p{M}\p{N}_]+)*/gu;

/** `Timeout calling 192.0.2.7:8443` → `timeout`, `calling`, `192.0.2.7`, `8443`. */
export const wordsOf = (text: string): string[] => text.toLowerCase().match(wordShape) ?? [];

/** Does `text` contain all `words` as words, in order and side by side? `slop` words may stand between them. */
export const hasPhrase = (text: string, words: readonly string[], slop: number): boolean => {
  const lower = text.toLowerCase();
  // Cutting a text into words costs far more than looking whether there is anything to find.
  if (!words.every((word) => lower.includes(word))) return false;
  const [first, ...rest] = words;
  if (first === undefined) return false;
  const found: string[] = lower.match(wordShape) ?? [];
  for (let at = found.indexOf(first); at >= 0; at = found.indexOf(first, at + 1)) {
    if (follows(found, rest, at, slop)) return true;
  }
  return false;
};

const follows = (found: readonly string[], rest: readonly string[], start: number, slop: number): boolean => {
  let at = start;
  let left = slop;
  for (const word of rest) {
    const next = found.indexOf(word, at + 1);
    left -= next - at - 1;
    if (next < 0 || left < 0) return false;
    at = next;
  }
  return true;
};

/** Never goes back farther than to the last `*`: time is at most the product of both lengths. */
export const matchesGlob = (text: string, glob: Glob): boolean => {
  let at = 0;
  let next = 0;
  let runAt = -1;
  let resume = 0;
  while (at < text.length) {
    const unit = glob[next];
    if (unit === anyRun) {
      runAt = next;
      resume = at;
      next += 1;
    } else if (unit === anyOne || unit === text.charCodeAt(at)) {
      next += 1;
      at += 1;
    } else if (runAt >= 0) {
      next = runAt + 1;
      resume += 1;
      at = resume;
    } else return false;
  }
  while (glob[next] === anyRun) next += 1;
  return next === glob.length;
};

/** Whether one becomes the other by at most `edits` insertions, deletions, changes or swaps of neighbours. */
export const almostEqual = (a: string, b: string, edits: number): boolean => {
  if (Math.abs(a.length - b.length) > edits) return false;
  let before: number[] = [];
  let row = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (let i = 1; i <= a.length; i += 1) {
    const next = [i];
    for (let j = 1; j <= b.length; j += 1) {
      const changed = (row[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1);
      let least = Math.min(changed, (row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1);
      if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1])
        least = Math.min(least, (before[j - 2] ?? 0) + 1);
      next.push(least);
    }
    before = row;
    row = next;
  }
  return (row[b.length] ?? 0) <= edits;
};
