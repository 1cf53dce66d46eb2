// What one clause of a filter says of one value, for each way in which a field can be stored.
import type { FieldValue } from "@logwatch/events";
import type { FilterNode } from "./lucene-parse.ts";
import { almostEqual, hasPhrase, matchesGlob, wordsOf } from "./lucene-words.ts";

type Test = (value: FieldValue) => boolean;
/** `whole`: compared as it is. `folded`: whole, without case. `words`: by words. `date`: epoch ms. */
export type ValueTest = { whole: Test; folded: Test; words: Test; date: Test };

type ValueNode = Exclude<FilterNode, { kind: "all" | "exists" | "list" }>;

export const valueTest = (node: ValueNode): ValueTest => {
  switch (node.kind) {
    case "text":
      return textTest(node);
    case "range":
      return rangeTest(node);
    case "glob": {
      const lower = node.glob.map((unit) => (unit < 0 ? unit : String.fromCharCode(unit).toLowerCase().charCodeAt(0)));
      return textual(
        (text) => matchesGlob(text, node.glob),
        (text) => matchesGlob(text, lower),
      );
    }
    case "regex": {
      const pattern = new RegExp(`^(?:${node.pattern})$`, "s");
      return textual(
        (text) => pattern.test(text),
        (text) => pattern.test(text),
      );
    }
    case "fuzzy": {
      const lower = node.text.toLowerCase();
      return textual(
        (text) => almostEqual(text, node.text, node.edits),
        (text) => almostEqual(text, lower, node.edits),
      );
    }
  }
};

/** Tests that only texts can pass; `lower` is asked about lower-cased texts. */
const textual = (exact: (text: string) => boolean, lower: (text: string) => boolean): ValueTest => ({
  whole: (value) => typeof value === "string" && exact(value),
  folded: (value) => lower(String(value).toLowerCase()),
  words: (value) => wordsOf(String(value)).some(lower),
  date: () => false,
});

const textTest = ({ text, quoted, slop }: FilterNode & { kind: "text" }): ValueTest => {
  const number = numberOf(text);
  const lower = text.toLowerCase();
  const words = wordsOf(text);
  const at = dateOf(text);
  return {
    whole: (value) => value === text || (typeof value === "number" && value === number),
    folded: (value) => String(value).toLowerCase() === lower,
    // Without quotes a word that the analyser cuts in two means either half.
    words: quoted
      ? (value) => hasPhrase(String(value), words, slop)
      : (value) => words.some((word) => hasPhrase(String(value), [word], 0)),
    date: (value) => value === at,
  };
};

const rangeTest = (node: FilterNode & { kind: "range" }): ValueTest => {
  const inNumbers = bounded(node, numberOf);
  const inTexts = bounded(node, (text) => text);
  const inLower = bounded(node, (text) => text.toLowerCase());
  const inDates = bounded(node, dateOf);
  return {
    whole: (value) => (typeof value === "number" ? inNumbers(value) : inTexts(value)),
    folded: (value) => inLower(String(value).toLowerCase()),
    words: (value) => wordsOf(String(value)).some(inLower),
    date: (value) => typeof value === "number" && inDates(value),
  };
};

type Limits = { from: string | null; to: string | null; includeFrom: boolean; includeTo: boolean };

/** A limit that is none for this kind of value lets nothing pass. */
const bounded = <Value extends FieldValue>(
  { from, to, includeFrom, includeTo }: Limits,
  read: (text: string) => Value | undefined,
): ((value: Value) => boolean) => {
  const least = from === null ? null : read(from);
  const most = to === null ? null : read(to);
  if (least === undefined || most === undefined) return () => false;
  return (value) =>
    (least === null || value > least || (includeFrom && value === least)) &&
    (most === null || value < most || (includeTo && value === most));
};

const numberOf = (text: string): number | undefined =>
  /^[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?$/.test(text) ? Number(text) : undefined;

/** Graylog knows times in queries in this form only; any other finds nothing. */
const dateOf = (text: string): number | undefined => {
  const [, day, time] = /^(\d{4}-\d\d-\d\d) (\d\d:\d\d:\d\d\.\d{3})$/.exec(text) ?? [];
  const at = day === undefined ? Number.NaN : Date.parse(`${day}T${time}Z`);
  return Number.isNaN(at) ? undefined : at;
};
