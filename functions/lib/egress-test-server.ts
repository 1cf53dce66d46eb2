// For the tests of the egress guard: servers on loopback that answer as badly as a test wants, and a guard that lets them be called.
import { createServer, type IncomingMessage, type RequestListener, type ServerResponse } from "node:http";
import { createServer as createTcpServer, type Server, type Socket } from "node:net";
import { afterEach } from "vitest";
import { type EgressLimits, guardedFetch, type Resolve } from "./egress.ts";
import { allowances, sourcePolicy } from "./egress-policy.ts";

const cleanUps: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of cleanUps.splice(0)) await close();
});

const portOf = (server: Server): number => {
  const address = server.address();
  return address !== null && typeof address === "object" ? address.port : 0;
};

export const listen = async (server: Server, host = "127.0.0.1"): Promise<number> => {
  const sockets = new Set<Socket>();
  server.on("connection", (socket: Socket) => {
    sockets.add(socket);
    socket.on("error", () => undefined).on("close", () => sockets.delete(socket));
  });
  await new Promise<void>((done) => server.listen(0, host, done));
  cleanUps.push(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  return portOf(server);
};

/** A server of plain HTTP, and what it was asked. */
export const serve = async (listener: RequestListener, host?: string) => {
  const requests: IncomingMessage[] = [];
  const server = createServer((req, res) => {
    requests.push(req);
    listener(req, res);
  });
  const port = await listen(server, host);
  return { url: `http://127.0.0.1:${port}`, port, requests };
};

/** Raw bytes in answer to the first bytes that come. */
export const serveRaw = async (speak: (socket: Socket) => void) => {
  const port = await listen(createTcpServer((socket) => socket.once("data", () => speak(socket))));
  return `http://127.0.0.1:${port}`;
};

export const guard = (
  limits: Partial<EgressLimits> = {},
  resolve?: Resolve,
  list = "127.0.0.0/8:*, pinned.internal:*",
) => {
  const read = allowances(list);
  if (!read.ok) throw new Error(read.error);
  return guardedFetch(sourcePolicy(read.value), { limits: { wholeMs: 5000, ...limits }, ...(resolve && { resolve }) });
};

export const request = {
  method: "GET",
  headers: {},
  maxBodyBytes: 1 << 20,
  signal: new AbortController().signal,
} as const;
export const get = (url: string, limits?: Partial<EgressLimits>) => guard(limits)(url, request);

export const writeEndlessly = (res: ServerResponse | Socket, chunk: string | Buffer): { bytes: () => number } => {
  let bytes = 0;
  const more = () => {
    while (!res.destroyed && res.write(chunk)) bytes += chunk.length;
  };
  res.on("drain", more);
  more();
  return { bytes: () => bytes };
};
