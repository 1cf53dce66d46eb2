// Takes GELF text in and answers searches. Keeps everything in memory and, where a folder is given, in a file too.
import type { Window } from "@logwatch/events";
import { arrivalQueue, type Retention } from "./arrival-queue.ts";
import { type FieldKind, type FieldKinds, indexFields } from "./field-kinds.ts";
import { decodeGelf } from "./gelf-decode.ts";
import type { InputName, Message } from "./message.ts";
import { flushEveryMs, type IndexerFailure, openMessageFile } from "./message-file.ts";
import { type MessageIndex, messageIndex } from "./message-index.ts";
import { writeBehind } from "./write-behind.ts";

export type StoreOptions = {
  /** `:memory:` for no file. */
  dataDir: string;
  retention: Retention;
  overlong: "cut" | "lose";
  /** Whether messages keep when they came: since 6.0. */
  keepsReceipt: boolean;
  now: () => number;
};

export type MessageStore = {
  /** False when it was dropped: the senders are never told. */
  accept: (text: string, input: InputName, remote: string) => boolean;
  within: (window: Window) => Message[];
  kindOf: (field: string) => FieldKind | undefined;
  fieldNames: () => string[];
  /** Newest first. */
  failures: () => IndexerFailure[];
  count: () => number;
  close: () => void;
};

const maxFailures = 10_000;

export const openMessageStore = (options: StoreOptions): MessageStore => {
  const { dataDir, retention, now } = options;
  const file = dataDir === ":memory:" ? undefined : openMessageFile(dataDir);
  const stored = file?.load();
  const index = messageIndex();
  const queue = arrivalQueue(retention);
  const kinds: FieldKinds = stored?.kinds ?? new Map<string, FieldKind>();
  const failures: IndexerFailure[] = stored?.failures ?? [];
  const writes = writeBehind(file, kinds);
  for (const message of stored?.messages ?? []) {
    index.add(message);
    queue.add(message.seq, message.receivedAt ?? message.at);
  }
  const settle = () => {
    writes.flush();
    const last = queue.expired(now());
    if (last === undefined) return;
    index.forget(last);
    file?.forget(last);
  };
  settle();
  const timer = setInterval(settle, flushEveryMs);
  timer.unref();
  const keep = (message: Message) => {
    index.add(message);
    queue.add(message.seq, message.receivedAt ?? now());
    writes.message(message);
  };
  const lose = (failure: IndexerFailure) => {
    failures.push(failure);
    if (failures.length > maxFailures) failures.shift();
    writes.failure(failure);
  };
  return {
    accept: accepting(options, kinds, lastSeq(failures, stored?.messages), keep, lose),
    ...reading(index, kinds, failures),
    close: () => {
      clearInterval(timer);
      settle();
      file?.close();
    },
  };
};

const lastSeq = (...stored: readonly (readonly { seq: number }[] | undefined)[]): number =>
  Math.max(0, ...stored.map((rows) => rows?.at(-1)?.seq ?? 0));

/** Graylog's date format ends with the year 9999. */
const lastTime = Date.UTC(9999, 11, 31);

const accepting = (
  { overlong, keepsReceipt, now }: StoreOptions,
  kinds: FieldKinds,
  firstSeq: number,
  keep: (message: Message) => void,
  lose: (failure: IndexerFailure) => void,
): MessageStore["accept"] => {
  let seq = firstSeq;
  return (text, input, remote) => {
    const gelf = decodeGelf(text, remote);
    if (!gelf) return false;
    seq += 1;
    const received = now();
    const at = gelf.at ?? received;
    if (at > lastTime) {
      const message = `failed to parse field [gl2_original_timestamp] of type [date]: ${at} ms is beyond the year 9999`;
      lose({ timestamp: received, seq, message });
      return false;
    }
    const indexed = indexFields(kinds, gelf.fields, overlong);
    if (!indexed.ok) {
      lose({ timestamp: at, seq, message: indexed.error });
      return false;
    }
    const receivedAt = keepsReceipt ? received : null;
    keep({ seq, at, receivedAt, input, remote, sizeBytes: text.length, ...indexed.value });
    return true;
  };
};

const reading = (index: MessageIndex, kinds: FieldKinds, failures: readonly IndexerFailure[]) => ({
  within: index.within,
  kindOf: (field: string) => kinds.get(field),
  fieldNames: () => [...kinds.keys()],
  failures: () => [...failures].reverse(),
  count: index.count,
});
