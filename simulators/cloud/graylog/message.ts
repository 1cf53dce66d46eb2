// One stored message and how its fields are read: as the index holds them (for search) and as they are shown.
import type { FieldValue } from "@logwatch/events";

/** `fields` are what is searched; `shown` holds those that are shown otherwise, e.g. 2.5 in a field of whole numbers. */
export type Message = {
  /** Order of arrival; also the tie-break of equal times. */
  seq: number;
  /** Epoch ms: its own time, and when it came; servers before 6.0 do not keep the second (null). */
  at: number;
  receivedAt: number | null;
  input: InputName;
  remote: string;
  sizeBytes: number;
  fields: Map<string, FieldValue>;
  shown: Map<string, FieldValue> | null;
};

export type InputName = "GELF UDP" | "GELF HTTP" | "GELF TCP";

export const defaultStream = { id: "000000000000000000000001", title: "Default Stream" } as const;
export const inputIds: Readonly<Record<InputName, string>> = {
  "GELF UDP": "aaaaaaaa0000000000000001",
  "GELF HTTP": "aaaaaaaa0000000000000002",
  "GELF TCP": "aaaaaaaa0000000000000003",
};
export const nodeId = "00000000-0000-4000-8000-00000000000a";
export const indexName = "graylog_0";

/** The value that filters, groups and sorts see; times are epoch ms. */
export const readField = (message: Message, name: string): FieldValue | undefined => {
  switch (name) {
    case "timestamp":
      return message.at;
    case "gl2_receive_timestamp":
    case "gl2_processing_timestamp":
      return message.receivedAt ?? undefined;
    case "gl2_message_id":
      return messageId(message);
    case "gl2_processing_duration_ms":
      return 0;
    case "gl2_accounted_message_size":
      return message.sizeBytes;
    case "gl2_remote_ip":
      return message.remote;
    case "gl2_source_input":
      return inputIds[message.input];
    case "gl2_source_node":
      return nodeId;
    case "streams":
      return defaultStream.id;
    default:
      return message.fields.get(name);
  }
};

/** What Graylog itself adds, and its types. */
export const addedFields = {
  timestamp: "date",
  gl2_receive_timestamp: "date",
  gl2_processing_timestamp: "date",
  gl2_message_id: "string",
  gl2_processing_duration_ms: "numeric",
  gl2_accounted_message_size: "numeric",
  gl2_remote_ip: "string",
  gl2_source_input: "input",
  gl2_source_node: "unknown",
  streams: "stream",
} as const;

/** The value that answers show, or undefined. Ids of streams, inputs and nodes stay ids here. */
export const shownField = (message: Message, name: string): unknown => {
  switch (name) {
    case "_id":
      return documentId(message);
    case "timestamp":
      return isoTime(message.at);
    case "gl2_receive_timestamp":
    case "gl2_processing_timestamp":
      return message.receivedAt === null ? undefined : graylogTime(message.receivedAt);
    case "streams":
      return [defaultStream.id];
    default:
      return message.shown?.get(name) ?? readField(message, name);
  }
};

/** The whole message as the searches of the web page show it, or only some of its fields with id and time. */
export const shownMessage = (message: Message, fields: readonly string[]): Record<string, unknown> => {
  const names =
    fields.length > 0
      ? [...fields, "_id", "timestamp"]
      : ["_id", ...Object.keys(addedFields), ...message.fields.keys()];
  const shown: [string, unknown][] = [];
  for (const name of names) {
    const value = shownField(message, name);
    if (value !== undefined) shown.push([name, value]);
  }
  return Object.fromEntries(shown);
};

export const isoTime = (at: number): string => new Date(at).toISOString();
/** The form in which Graylog writes times inside its index. */
export const graylogTime = (at: number): string => isoTime(at).replace("T", " ").replace("Z", "");

const hex = (value: number, digits: number): string => value.toString(16).padStart(digits, "0");
const documentId = ({ seq }: Message): string => `${hex(seq % 2 ** 32, 8)}-0000-4000-8000-${hex(seq, 12)}`;

const base32 = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";
const crockford = (value: number, digits: number): string => {
  let text = "";
  for (let rest = value; text.length < digits; rest = Math.floor(rest / 32)) text = base32.charAt(rest % 32) + text;
  return text;
};
/** Sorts by time, then by arrival, like Graylog's own. */
const messageId = ({ at, seq }: Message): string => crockford(Math.max(0, at), 10) + crockford(seq, 16);
