// Stand-in for Aurora with the RDS Data API: the AWS SDK's client speaks to it over HTTP, SQLite keeps the rows.
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { type Faults, playHttpFault } from "../faults.ts";
import { createDataApi, type DataApi } from "./data-api.ts";
import { type DatabaseLimits, openDatabase } from "./database.ts";
import { isRefusal, refuse, statusOf } from "./refusal.ts";

export type Aurora = { url: string; close: () => Promise<void> };

/** `file` may be `:memory:`; port 0 takes a free one. `limits` are the service's own unless a test has less time. */
export type AuroraOptions = { port: number; file: string; faults: Faults; limits?: DatabaseLimits };

/** A transaction nobody uses is rolled back after three minutes; a statement runs, waiting for locks too, 45 s. */
const serviceLimits: DatabaseLimits = { idleMs: 180_000, lockWaitMs: 45_000 };
const maxRequestBytes = 4 * 1024 * 1024;
/** Longer than the client keeps an idle connection, so that it never writes to one that is just being closed. */
const keepAliveMs = 120_000;

/** @throws when the port is taken or the file cannot be written. */
export const startAurora = async ({ port, file, faults, limits = serviceLimits }: AuroraOptions): Promise<Aurora> => {
  const database = openDatabase(file, limits);
  const api = createDataApi(database);
  const server = createServer((req, res) => {
    answer(req, res, api, faults).catch((error: unknown) => sendError(req, res, error));
  });
  server.keepAliveTimeout = keepAliveMs;
  try {
    await new Promise<void>((resolve, reject) => {
      server.once("error", reject);
      server.listen(port, "127.0.0.1", resolve);
    });
  } catch (error) {
    database.close();
    throw error;
  }
  const bound = server.address();
  if (bound === null || typeof bound === "string") throw new Error("The Data API has no port.");
  return {
    url: `http://127.0.0.1:${bound.port}`,
    close: async () => {
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      server.closeAllConnections();
      await closed;
      database.close();
    },
  };
};

const answer = async (req: IncomingMessage, res: ServerResponse, api: DataApi, faults: Faults): Promise<void> => {
  const fault = faults.take("aurora");
  if (fault?.kind === "throttle") throw refuse("ThrottlingException", "Rate exceeded");
  if (fault?.kind === "error") {
    const isBusy = (fault.status ?? 503) === 503;
    throw refuse(isBusy ? "ServiceUnavailableError" : "InternalServerErrorException", "Asked to fail.");
  }
  if (await playHttpFault(fault, req, res)) return;
  const body = await readBody(req);
  if (req.method !== "POST") throw refuse("NotFoundException", "Every operation of the Data API is a POST.");
  const text = await api(new URL(req.url ?? "/", "http://rds-data").pathname, body);
  if (fault?.kind !== "partial") return void res.writeHead(200, { "content-type": "application/json" }).end(text);
  // Carried out, but the answer is cut off: the client cannot know which.
  res.writeHead(200, { "content-type": "application/json", "content-length": Buffer.byteLength(text) });
  res.write(text.slice(0, text.length / 2), () => req.socket.destroy());
};

const readBody = async (req: IncomingMessage): Promise<unknown> => {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of req) {
    bytes += chunk.length;
    if (bytes <= maxRequestBytes) chunks.push(chunk);
  }
  if (bytes > maxRequestBytes) throw refuse("BadRequestException", "The request is larger than 4 MiB.");
  try {
    return JSON.parse(Buffer.concat(chunks).toString("utf8"));
  } catch (error) {
    throw refuse("BadRequestException", "The request is not JSON.", error);
  }
};

/** Anything but a refusal is a fault of the stand-in and must be seen. A caller that hung up has no answer to wait for. */
const sendError = (req: IncomingMessage, res: ServerResponse, error: unknown): void => {
  if (res.headersSent || req.socket.destroyed) return void res.destroy();
  const known = isRefusal(error) ? error : refuse("InternalServerErrorException", String(error), error);
  res.writeHead(statusOf(known.refusal), {
    "content-type": "application/json",
    "x-amzn-errortype": known.refusal,
  });
  res.end(JSON.stringify({ message: known.message }));
};
