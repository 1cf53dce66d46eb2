// For tests: the API with a user whose source is a real Graylog stand-in, behind a door that writes down what it was asked.
import { createServer, type Server } from "node:http";
import type { LogEntry } from "@logwatch/events";
import { createFaults, type Faults } from "../cloud/faults.ts";
import { type Graylog, startGraylog } from "../cloud/graylog/graylog.ts";
import { createApiOpener, type Identity, start, type TestApi } from "./test-api.ts";

export const graylogToken = "a-token-of-a-reader-4711";

/** `asked`: the bodies of calls that came to Graylog; "" for those without. */
export type LogWorld = {
  api: TestApi;
  owner: Identity;
  graylog: Graylog;
  graylogFaults: Faults;
  url: string;
  asked: string[];
  sourceId: string;
  write: (entries: readonly Partial<LogEntry>[]) => Promise<void>;
  /** The id of a new service of the owner's. */
  addService: (name: string, filter: string) => Promise<string>;
};

export const createLogWorlds = () => {
  const opener = createApiOpener();
  const closing: (() => Promise<unknown>)[] = [];
  const open = async (): Promise<LogWorld> => {
    const graylogFaults = createFaults();
    const options = {
      port: 0,
      gelfPort: 0,
      dataDir: ":memory:",
      username: "reader",
      password: "pass",
      now: () => start,
    };
    const graylog = await startGraylog({ ...options, token: graylogToken, faults: graylogFaults });
    closing.push(graylog.close);
    const asked: string[] = [];
    const door = openDoor(graylog.url, asked);
    closing.push(() => closed(door));
    const url = `http://127.0.0.1:${await portOf(door)}`;
    const api = await opener.open({ ALLOWED_SOURCE_HOSTS: "127.0.0.1:*,graylog.invalid" });
    const owner = await api.user("owner");
    const made = await api.call("POST", "/sources", {
      as: owner,
      body: { name: "logs", kind: "graylog", params: { url, token: graylogToken, retries: 0 } },
    });
    const sourceId = String(made.body.id);
    const addService = async (name: string, filter: string): Promise<string> => {
      const service = await api.call("POST", "/services", { as: owner, body: { name, sourceId, filter } });
      if (service.status !== 201) throw new Error(`The service was answered with ${service.text}.`);
      return String(service.body.id);
    };
    const write = (entries: readonly Partial<LogEntry>[]) => writeLines(graylog, entries);
    return { api, owner, graylog, graylogFaults, url, asked, sourceId, write, addService };
  };
  const closeAll = async () => {
    for (const close of closing.splice(0).reverse()) await close();
    await opener.closeAll();
  };
  return { open, closeAll };
};

const writeLines = async (graylog: Graylog, entries: readonly Partial<LogEntry>[]): Promise<void> => {
  for (const { at = start - 1000, service, host = "web-1", level = 6, message = "a line", fields = {} } of entries) {
    const added = Object.entries({ service, ...fields }).map(([name, value]) => [`_${name}`, value]);
    const gelf = {
      version: "1.1",
      host,
      short_message: message,
      timestamp: at / 1000,
      level,
      ...Object.fromEntries(added),
    };
    const sent = await fetch(`http://127.0.0.1:${graylog.gelf.http}/gelf`, {
      method: "POST",
      body: JSON.stringify(gelf),
    });
    if (sent.status !== 202) throw new Error(`GELF was answered with ${sent.status}.`);
    await sent.arrayBuffer();
  }
};

/** Hands every call on as it is. */
const openDoor = (target: string, asked: string[]): Server =>
  createServer((req, res) => {
    const chunks: Buffer[] = [];
    req.on("data", (chunk: Buffer) => chunks.push(chunk));
    req.on("end", () => {
      const body = Buffer.concat(chunks).toString("utf8");
      asked.push(body);
      const { host: _host, "content-length": _length, connection: _connection, ...headers } = req.headers;
      const given = Object.entries(headers).map(([name, value]): [string, string] => [name, String(value)]);
      const sent = { method: req.method ?? "GET", headers: given, ...(body === "" ? {} : { body }) };
      fetch(`${target}${req.url ?? "/"}`, sent).then(
        async (answer) => {
          const type = answer.headers.get("content-type");
          res.writeHead(answer.status, type === null ? {} : { "content-type": type }).end(await answer.text());
        },
        () => res.destroy(),
      );
    });
  });

const portOf = (server: Server): Promise<number> =>
  new Promise((resolve) => {
    server.listen(0, "127.0.0.1", () => {
      const address = server.address();
      resolve(address !== null && typeof address === "object" ? address.port : 0);
    });
  });

const closed = (server: Server): Promise<void> =>
  new Promise((resolve) => {
    server.close(() => resolve());
    server.closeAllConnections();
  });
