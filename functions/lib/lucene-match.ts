// Compiles a filter to a function over one log message, with the meaning Graylog gives it: plain fields are compared whole
// and tell case apart, `message` and `full_message` by words, `source` whole without case. Nothing is looked up twice.
import type { FieldValue } from "@logwatch/events";
import { type Filter, storedField } from "./lucene.ts";
import type { FilterNode } from "./lucene-parse.ts";
import { type ValueTest, valueTest } from "./lucene-value.ts";

/** `read` gets stored names (underscores for dots); times are epoch ms. `allFields` gives every value of the message. */
export type Matches = (
  read: (field: string) => FieldValue | undefined,
  allFields: () => Iterable<FieldValue>,
) => boolean;

export const compileFilter = (filter: Filter): Matches => compile(filter.root);

const compile = (node: FilterNode): Matches => {
  switch (node.kind) {
    case "all":
      return () => true;
    case "exists": {
      const field = storedField(node.field);
      return (read) => read(field) !== undefined;
    }
    case "list":
      return compileList(node);
    default:
      return node.field === null ? anywhere(valueTest(node)) : inField(storedField(node.field), valueTest(node));
  }
};

/** Where something is required, optional clauses change nothing; a list of prohibitions alone means "all but". */
const compileList = ({ must, should, mustNot }: FilterNode & { kind: "list" }): Matches => {
  const required = must.map(compile);
  const forbidden = mustNot.map(compile);
  const optional = must.length > 0 || should.length === 0 ? undefined : anyOf(should);
  return (read, allFields) => {
    for (const matches of required) if (!matches(read, allFields)) return false;
    for (const matches of forbidden) if (matches(read, allFields)) return false;
    return optional?.(read, allFields) ?? true;
  };
};

/** `service:(a OR b OR …)` with a thousand values is one look into a set. */
const anyOf = (nodes: readonly FilterNode[]): Matches => {
  const values = new Map<string, Set<string>>();
  const others: Matches[] = [];
  for (const node of nodes) {
    const plain = node.kind === "text" && node.field !== null && !analysed.has(storedField(node.field));
    if (!plain || node.field === null || dates.has(storedField(node.field)) || isNumber(node.text)) {
      others.push(compile(node));
      continue;
    }
    const field = storedField(node.field);
    const set = values.get(field) ?? new Set();
    values.set(field, set.add(node.text));
  }
  const sets = [...values];
  return (read, allFields) => {
    for (const [field, set] of sets) {
      const value = read(field);
      if (typeof value === "string" && set.has(value)) return true;
    }
    return others.some((matches) => matches(read, allFields));
  };
};

const isNumber = (text: string): boolean => text.trim() !== "" && Number.isFinite(Number(text));

const byWords = ["message", "full_message"] as const;
const analysed: ReadonlySet<string> = new Set([...byWords, "source"]);
const dates: ReadonlySet<string> = new Set(["timestamp", "gl2_receive_timestamp", "gl2_processing_timestamp"]);

const inField = (field: string, test: ValueTest): Matches => {
  const matches = dates.has(field)
    ? test.date
    : field === "source"
      ? test.folded
      : analysed.has(field)
        ? test.words
        : test.whole;
  return (read) => {
    const value = read(field);
    return value !== undefined && matches(value);
  };
};

const anywhere = (test: ValueTest): Matches => {
  const analysedTests = [...byWords, "source"].map((field) => inField(field, test));
  return (read, allFields) => {
    for (const matches of analysedTests) if (matches(read, allFields)) return true;
    for (const value of allFields()) if (test.whole(value)) return true;
    return false;
  };
};
