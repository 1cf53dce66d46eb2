// The order of a list of messages: by time with arrival as tie-break, or by any other field; those that lack it come last.
import { allShardsFailed, openSearchError, searchProblem } from "./api-answer.ts";
import { addedFields, type Message, readField } from "./message.ts";
import type { MessageStore } from "./message-store.ts";

export type Sort = { field: string; descending: boolean };

/** `messages` come oldest first. */
export const sortMessages = (store: MessageStore, messages: Message[], { field, descending }: Sort): Message[] => {
  if (field === "timestamp") return descending ? [...messages].reverse() : messages;
  if (field === "message" || field === "full_message") return searchProblem(noFieldData(field));
  if (!store.kindOf(field) && !Object.hasOwn(addedFields, field)) return searchProblem(allShardsFailed);
  const sign = descending ? -1 : 1;
  return messages
    .map((message) => ({ message, key: readField(message, field) }))
    .sort((a, b) => {
      if (a.key === undefined || b.key === undefined) return Number(a.key === undefined) - Number(b.key === undefined);
      return a.key === b.key ? a.message.seq - b.message.seq : sign * (a.key < b.key ? -1 : 1);
    })
    .map(({ message }) => message);
};

const noFieldData = (field: string): string =>
  openSearchError(
    "illegal_argument_exception",
    `Text fields are not optimised for operations that require per-document field data like aggregations and sorting, so these operations are disabled by default. Please use a keyword field instead. Alternatively, set fielddata=true on [${field}] in order to load field data by uninverting the inverted index. Note that this can use significant memory.`,
  );
