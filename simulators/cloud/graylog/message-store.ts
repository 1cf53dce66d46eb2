// Takes GELF text in and answers searches. Keeps everything in memory and, where a folder is given, in a file too.
import type { Window } from "@logwatch/events";
import { type FieldKind, type FieldKinds, indexFields } from "./field-kinds.ts";
import { decodeGelf } from "./gelf-decode.ts";
import type { InputName, Message } from "./message.ts";
import { flushEveryMs, type IndexerFailure, openMessageFile } from "./message-file.ts";
import { messageIndex } from "./message-index.ts";

/** Oldest by arrival go first. */
export type Retention = { maxMessages: number; maxAgeMs: number };

export type StoreOptions = {
  dataDir: string;
  retention: Retention;
  overlong: "cut" | "lose";
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

/** Graylog's date format ends with the year 9999. */
const lastTime = Date.UTC(9999, 11, 31);
const maxFailures = 10_000;
const maxUnwritten = 2000;

export const openMessageStore = ({ dataDir, retention, overlong, now }: StoreOptions): MessageStore => {
  const file = dataDir === ":memory:" ? undefined : openMessageFile(dataDir);
  const stored = file?.load();
  const index = messageIndex();
  const kinds: FieldKinds = stored?.kinds ?? new Map<string, FieldKind>();
  const failures: IndexerFailure[] = stored?.failures ?? [];
  const arrivals: { seq: number; receivedAt: number }[] = [];
  let seq = Math.max(0, failures.at(-1)?.seq ?? 0);
  for (const message of stored?.messages ?? []) {
    index.add(message);
    arrivals.push(message);
    seq = Math.max(seq, message.seq);
  }
  let unwritten: Message[] = [];
  let newFailures: IndexerFailure[] = [];
  let knownKinds = kinds.size;

  const expire = () => {
    const surplus = arrivals.length - retention.maxMessages;
    const oldest = now() - retention.maxAgeMs;
    let gone = 0;
    while (gone < arrivals.length && (gone < surplus || (arrivals[gone]?.receivedAt ?? 0) < oldest)) gone += 1;
    const last = arrivals[gone - 1];
    if (!last) return;
    arrivals.splice(0, gone);
    index.forget(last.seq);
    file?.forget(last.seq);
  };
  const flush = () => {
    if (unwritten.length > 0 || newFailures.length > 0) {
      file?.write(unwritten, kinds.size === knownKinds ? new Map() : kinds, newFailures);
      unwritten = [];
      newFailures = [];
      knownKinds = kinds.size;
    }
    expire();
  };
  const timer = setInterval(flush, flushEveryMs);
  timer.unref();

  const lose = (timestamp: number, message: string) => {
    const failure = { timestamp, seq, message };
    failures.push(failure);
    if (failures.length > maxFailures) failures.shift();
    newFailures.push(failure);
  };
  expire();
  return {
    accept: (text, input, remote) => {
      const gelf = decodeGelf(text, remote);
      if (!gelf) return false;
      seq += 1;
      const receivedAt = now();
      if (gelf.at !== null && gelf.at > lastTime) {
        lose(
          receivedAt,
          `failed to parse field [gl2_original_timestamp] of type [date]: ${gelf.at} ms is beyond the year 9999`,
        );
        return false;
      }
      const at = gelf.at ?? receivedAt;
      const indexed = indexFields(kinds, gelf.fields, overlong);
      if (!indexed.ok) {
        lose(at, indexed.error);
        return false;
      }
      const message: Message = { seq, at, receivedAt, input, remote, sizeBytes: text.length, ...indexed.value };
      index.add(message);
      arrivals.push({ seq, receivedAt });
      if (file) unwritten.push(message);
      if (unwritten.length >= maxUnwritten) flush();
      return true;
    },
    within: index.within,
    kindOf: (field) => kinds.get(field),
    fieldNames: () => [...kinds.keys()],
    failures: () => [...failures].reverse(),
    count: index.count,
    close: () => {
      clearInterval(timer);
      flush();
      file?.close();
    },
  };
};
