// Writes GELF 1.1 to a Graylog input by HTTP, UDP or TCP. In: log entries or GELF messages. Out: sent, or a clear error.
import { randomBytes } from "node:crypto";
import { createSocket } from "node:dgram";
import { Agent, request } from "node:http";
import { connect, type Socket } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { promisify } from "node:util";
import { gzip } from "node:zlib";
import type { FieldValue, LogEntry } from "@logwatch/events";

export type GelfMessage = { version: "1.1"; host: string; short_message: string; timestamp: number } & {
  [name: string]: FieldValue;
};
export type GelfAddress = { transport: "http" | "udp" | "tcp"; host: string; port: number };
/** A failed `send` may have sent a part of its messages. */
export type Gelf = { send: (messages: GelfMessage[]) => Promise<void>; close: () => Promise<void> };

const maxParallel = 16;
const maxTries = 6;
const firstWaitMs = 50;
const callTimeoutMs = 10_000;
const maxDatagramBytes = 8154;
const chunkHeaderBytes = 12;
const maxChunks = 128;
/** Graylog accepts, then loses, a message with a longer value (32,766 bytes is the index's limit). */
const maxValueBytes = 32_000;
const zip = promisify(gzip);

export const openGelf = (address: GelfAddress): Gelf =>
  ({ http: openHttp, udp: openUdp, tcp: openTcp })[address.transport](address);

/** Booleans, which a parser may leave in fields, become text: Graylog drops them. */
export const toGelf = (
  entry: Omit<LogEntry, "fields"> & { fields: Record<string, FieldValue | boolean> },
  overrides: Record<string, FieldValue> = {},
): GelfMessage => {
  const added = Object.entries(entry.fields).map(([name, value]) => [fieldName(name), bounded(value)] as const);
  return {
    ...Object.fromEntries(added),
    ...(entry.service === "" ? {} : { _service: bounded(entry.service) }),
    ...(entry.level === null ? {} : { level: entry.level }),
    version: "1.1",
    // Graylog drops a message whose host or text is blank.
    host: entry.host.trim() === "" ? "unknown" : entry.host,
    short_message: entry.message.trim() === "" ? "(empty)" : String(bounded(entry.message)),
    timestamp: entry.at / 1000,
    ...overrides,
  };
};

/** One message for each time that the entry stands for. */
export const gelfMessages = (entry: LogEntry): GelfMessage[] =>
  entry.repeats === undefined
    ? [toGelf(entry)]
    : Array.from({ length: entry.repeats }, (_, index) => toGelf(entry, { _event_repeat: index }));

const fieldName = (name: string): string => {
  const mapped = `_${name.replaceAll(/[^\w-]/g, "_")}`;
  return mapped === "_id" ? "_id_" : mapped;
};

const bounded = (value: FieldValue | boolean): FieldValue => {
  if (typeof value === "number") return Number.isFinite(value) ? value : String(value);
  const text = String(value);
  if (Buffer.byteLength(text) <= maxValueBytes) return text;
  // A sign cut in two at the end would be read as U+FFFD.
  return `${Buffer.from(text)
    .subarray(0, maxValueBytes)
    .toString()
    .replace(/\uFFFD$/, "")}…`;
};

const openHttp = ({ host, port }: GelfAddress): Gelf => {
  const agent = new Agent({ keepAlive: true, maxSockets: maxParallel });
  const post = (body: string) =>
    new Promise<number>((resolve, reject) => {
      const headers = { "content-type": "application/json", "content-length": Buffer.byteLength(body) };
      const call = request({ host, port, path: "/gelf", method: "POST", agent, headers }, (answer) => {
        answer.resume().on("error", reject);
        answer.on("end", () => resolve(answer.statusCode ?? 0));
      });
      call.setTimeout(callTimeoutMs, () => call.destroy(new Error(`no answer in ${callTimeoutMs} ms`)));
      call.on("error", reject).end(body);
    });
  const deliver = async (body: string) => {
    for (let tries = 1; ; tries += 1) {
      const problem = await post(body).then((status) => (status === 202 ? undefined : `status ${status}`), reasonOf);
      if (problem === undefined) return;
      // Too large stays too large.
      if (tries === maxTries || problem === "status 413")
        throw new Error(`GELF to http://${host}:${port}/gelf failed after ${tries} tries: ${problem}.`);
      await sleep(firstWaitMs * 2 ** (tries - 1));
    }
  };
  return {
    // Graylog keeps only the first of several messages in one body.
    send: async (messages) => {
      let next = 0;
      let failed = false;
      const work = async () => {
        for (let one = messages[next++]; one && !failed; one = messages[next++]) await deliver(JSON.stringify(one));
      };
      const guarded = () =>
        work().catch((error: unknown) => {
          failed = true;
          throw error;
        });
      await Promise.all(Array.from({ length: Math.min(maxParallel, messages.length) }, guarded));
    },
    close: async () => agent.destroy(),
  };
};

const reasonOf = (error: unknown): string => {
  // A refused connection on several addresses has an empty message, but a code.
  if (error instanceof Error && error.message === "" && "code" in error) return String(error.code);
  return error instanceof Error ? error.message : String(error);
};

const openUdp = ({ host, port }: GelfAddress): Gelf => {
  const socket = createSocket(host.includes(":") ? "udp6" : "udp4");
  // Without a listener an error of the socket itself would end the process; each send reports its own.
  socket.on("error", () => undefined);
  const put = (datagram: Buffer) =>
    new Promise<void>((resolve, reject) => {
      socket.send(datagram, port, host, (error) => (error ? reject(error) : resolve()));
    });
  return {
    send: async (messages) => {
      for (const message of messages) {
        for (const datagram of datagrams(await zip(JSON.stringify(message)))) await put(datagram);
      }
    },
    close: () => new Promise((resolve) => socket.close(() => resolve())),
  };
};

const datagrams = (body: Buffer): Buffer[] => {
  if (body.length <= maxDatagramBytes) return [body];
  const partBytes = maxDatagramBytes - chunkHeaderBytes;
  const count = Math.ceil(body.length / partBytes);
  if (count > maxChunks)
    throw new Error(`A GELF message of ${body.length} bytes needs ${count} chunks; UDP allows ${maxChunks}.`);
  const id = randomBytes(8);
  return Array.from({ length: count }, (_, index) =>
    Buffer.concat([
      Buffer.from([0x1e, 0x0f]),
      id,
      Buffer.from([index, count]),
      body.subarray(index * partBytes, (index + 1) * partBytes),
    ]),
  );
};

const openTcp = ({ host, port }: GelfAddress): Gelf => {
  let open: Socket | undefined;
  const dial = () =>
    new Promise<Socket>((resolve, reject) => {
      const socket = connect({ host, port }, () => resolve(socket));
      socket.on("error", reject);
      socket.once("close", () => {
        if (open === socket) open = undefined;
      });
    });
  // The callback comes when the system took the bytes: waiting for it is the back-pressure.
  const write = (socket: Socket, frame: string) =>
    new Promise<void>((resolve, reject) => {
      socket.write(frame, (error) => (error ? reject(error) : resolve()));
    });
  const deliver = async (frame: string) => {
    for (let tries = 1; ; tries += 1) {
      try {
        open ??= await dial();
        return await write(open, frame);
      } catch (error) {
        open?.destroy();
        open = undefined;
        if (tries === maxTries)
          throw new Error(`GELF to tcp://${host}:${port} failed after ${tries} tries: ${reasonOf(error)}.`, {
            cause: error,
          });
        await sleep(firstWaitMs * 2 ** (tries - 1));
      }
    }
  };
  let queue: Promise<void> = Promise.resolve();
  const send = async (messages: GelfMessage[]) => {
    // JSON text holds no NUL: it is escaped.
    for (const message of messages) await deliver(`${JSON.stringify(message)}\0`);
  };
  return {
    send: (messages) => {
      const sent = queue.then(() => send(messages));
      // The next caller waits for its turn; the failure itself goes to this one.
      queue = sent.catch(() => undefined);
      return sent;
    },
    close: async () => {
      await queue;
      const socket = open;
      if (socket) await new Promise<void>((resolve) => socket.end(() => resolve()));
      socket?.destroy();
    },
  };
};
