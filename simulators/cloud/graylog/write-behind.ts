// Gathers what has to be written to the file and writes it in batches, a few times a second.
import type { FieldKinds } from "./field-kinds.ts";
import type { Message } from "./message.ts";
import type { IndexerFailure, MessageFile } from "./message-file.ts";

export type WriteBehind = {
  message: (message: Message) => void;
  failure: (failure: IndexerFailure) => void;
  /** Everything is in the file afterwards. @throws when it cannot be written; then nothing is forgotten. */
  flush: () => void;
};

/** A burst is written before it grows beyond this. */
const maxUnwritten = 2000;

/** Without a file nothing is gathered. */
export const writeBehind = (file: MessageFile | undefined, kinds: FieldKinds): WriteBehind => {
  let messages: Message[] = [];
  let failures: IndexerFailure[] = [];
  let knownKinds = kinds.size;
  const flush = () => {
    if (messages.length === 0 && failures.length === 0) return;
    file?.write(messages, kinds.size === knownKinds ? new Map() : kinds, failures);
    messages = [];
    failures = [];
    knownKinds = kinds.size;
  };
  return {
    message: (message) => {
      if (file) messages.push(message);
      if (messages.length >= maxUnwritten) flush();
    },
    failure: (failure) => {
      if (file) failures.push(failure);
    },
    flush,
  };
};
