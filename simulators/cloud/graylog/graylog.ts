// A Graylog for a laptop: the server's API and GELF inputs at the client's border, messages in memory and in one SQLite file.
// It answers as a measured 7.0.1 (or 6.1.4), except that messages are found at once and over-long values are cut, not lost.
import type { Socket as UdpSocket } from "node:dgram";
import type { AddressInfo, Server, Socket } from "node:net";
import type { Faults } from "../faults.ts";
import type { GraylogVersion } from "./api-call.ts";
import { apiServer } from "./api-server.ts";
import type { Retention } from "./arrival-queue.ts";
import { gelfHttp, gelfTcp, gelfUdp } from "./gelf-inputs.ts";
import { openMessageStore } from "./message-store.ts";
import { signIn } from "./sign-in.ts";

export type GraylogOptions = {
  /** 0 for any free one. */
  port: number;
  /** GELF over HTTP and UDP; TCP gets the next port, or any free one where that is taken or this is 0. */
  gelfPort: number;
  /** A folder of its own, or `:memory:`. */
  dataDir: string;
  username: string;
  password: string;
  token?: string;
  retention?: Retention;
  faults: Faults;
  now?: () => number;
  /** `7.0.1` (with time buckets in aggregations), `6.1.4` (without) or `5.1.13` (which does not keep when a message came). */
  version?: string;
  /** Values over 32,766 bytes: cut and marked, or the whole message lost as in the real one. */
  overlong?: "cut" | "lose";
};

export type Graylog = {
  url: string;
  port: number;
  gelf: { http: number; udp: number; tcp: number };
  /** How many messages are kept. */
  count: () => number;
  close: () => Promise<void>;
};

const keepAll: Retention = { maxMessages: 1_000_000, maxAgeMs: 365 * 86_400_000 };

/** @throws when a port is taken (the message names it), the folder cannot be written, or the version is unknown. */
export const startGraylog = async (options: GraylogOptions): Promise<Graylog> => {
  const { dataDir, faults, retention = keepAll, now = Date.now, overlong = "cut" } = options;
  const version = knownVersion(options.version ?? "7.0.1");
  const store = openMessageStore({ dataDir, retention, overlong, keepsReceipt: version !== "5.1.13", now });
  const ports = { http: 0, udp: 0, tcp: 0 };
  const context = { store, version, startedAt: now(), ports, username: options.username };
  const api = apiServer(context, signIn(options), faults, now);
  const http = gelfHttp(store.accept, faults);
  const udp = gelfUdp(store.accept, faults, now);
  const tcp = gelfTcp(store.accept, faults);
  const hangUp = trackSockets(tcp);
  const close = async () => {
    hangUp();
    await Promise.all([closed(api), closed(http), closed(tcp), closedUdp(udp)]);
    store.close();
  };
  try {
    const port = await listening(api, options.port, "Graylog's API");
    ports.http = await listening(http, options.gelfPort, "GELF over HTTP");
    ports.udp = await bound(udp, options.gelfPort);
    ports.tcp = await listeningNear(tcp, options.gelfPort);
    return { url: `http://127.0.0.1:${port}`, port, gelf: { ...ports }, count: store.count, close };
  } catch (error) {
    await close();
    throw error;
  }
};

const knownVersion = (text: string): GraylogVersion => {
  if (text === "7.0.1" || text === "6.1.4" || text === "5.1.13") return text;
  throw new Error(`The Graylog stand-in speaks 7.0.1, 6.1.4 and 5.1.13, not "${text}".`);
};

const taken = (what: string, port: number, error: Error): Error =>
  new Error(`${what} cannot listen on port ${port}: ${"code" in error ? error.code : error.message}.`, {
    cause: error,
  });

const listening = (server: Server, port: number, what: string): Promise<number> =>
  new Promise((resolve, reject) => {
    const refused = (error: Error) => reject(taken(what, port, error));
    server.once("error", refused);
    server.listen(port, "127.0.0.1", () => {
      server.off("error", refused);
      resolve(portOf(server.address()));
    });
  });

/** HTTP and TCP cannot share a port. */
const listeningNear = async (server: Server, gelfPort: number): Promise<number> => {
  if (gelfPort === 0 || gelfPort === 65_535) return listening(server, 0, "GELF over TCP");
  try {
    return await listening(server, gelfPort + 1, "GELF over TCP");
  } catch {
    return listening(server, 0, "GELF over TCP");
  }
};

const bound = (socket: UdpSocket, port: number): Promise<number> =>
  new Promise((resolve, reject) => {
    socket.once("error", (error) => reject(taken("GELF over UDP", port, error)));
    socket.bind(port, "127.0.0.1", () => resolve(socket.address().port));
  });

const portOf = (address: AddressInfo | string | null): number => {
  if (address === null || typeof address === "string") throw new Error("A server listens on no port.");
  return address.port;
};

/** Clients keep their connections open; without this a close would wait for them. */
const closed = (server: Server & { closeAllConnections?: () => void }): Promise<void> =>
  new Promise((resolve) => {
    server.close(() => resolve());
    server.closeAllConnections?.();
  });

/** A raw TCP server cannot end its connections itself. */
const trackSockets = (server: Server): (() => void) => {
  const open = new Set<Socket>();
  server.on("connection", (socket: Socket) => {
    open.add(socket);
    socket.once("close", () => open.delete(socket));
  });
  return () => {
    for (const socket of open) socket.destroy();
  };
};

const closedUdp = (socket: UdpSocket): Promise<void> => new Promise((resolve) => socket.close(() => resolve()));
