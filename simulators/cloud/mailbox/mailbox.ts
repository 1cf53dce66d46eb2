// The mailbox: one port that stands for SES and for Slack's webhooks on a laptop, keeps what it receives and shows it.
// Not for the open internet: it binds to this machine and asks nobody who they are.
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import type { Faults } from "../faults.ts";
import { answerFaults } from "./faults-api.ts";
import { answer, json, plain, type Reply } from "./http.ts";
import { type Inbox, openInbox, type Received } from "./inbox.ts";
import { findAsset, mailHtml, page } from "./page.ts";
import { answerSes } from "./ses-api.ts";
import { answerSlack } from "./slack-api.ts";

export type { Received } from "./inbox.ts";

/** By path, for reading; one that changes something is written with its method: `POST /path`. */
export type Routes = Readonly<Record<string, () => Promise<unknown>>>;

export type Mailbox = {
  url: string;
  port: number;
  /** For `AWS_ENDPOINT_URL_SES`. */
  sesEndpoint: string;
  /** A webhook's address: of a whole path (`T1/B1/token`) or of a name (`ops`). */
  slackUrl: (path: string) => string;
  /** Newest first. */
  messages: () => Received[];
  close: () => Promise<void>;
};

/** Port 0 takes a free one. @throws when the port is taken. */
export const startMailbox = async (options: {
  port: number;
  host?: string;
  /** SQLite file, or `:memory:`. */
  file: string;
  faults: Faults;
  now?: () => number;
  /** Further pages of JSON beside the feed, by path: what the stack tells of itself. */
  routes?: Routes;
}): Promise<Mailbox> => {
  const { faults, file, host = "127.0.0.1", now = Date.now, routes = {} } = options;
  const inbox = openInbox(file, now);
  const server = createServer((req, res) => {
    route(req, res, inbox, faults, routes).catch((error: unknown) => {
      // The caller has gone, or a fault of ours: in both cases the connection says so.
      if (res.headersSent || res.destroyed) res.destroy();
      else answer(res, plain(500, `The mailbox failed: ${error instanceof Error ? error.message : String(error)}\n`));
    });
  });
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(options.port, host, resolve);
  });
  const { port } = boundAddress(server.address());
  const url = `http://${host === "0.0.0.0" ? "127.0.0.1" : host}:${port}`;
  return {
    url,
    port,
    sesEndpoint: `${url}/ses`,
    slackUrl: (path) => `${url}/services/${webhookPath(path)}`,
    messages: () => inbox.list(),
    close: async () => {
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      // Calls that play `timeout` are still open.
      server.closeAllConnections();
      await closed;
      inbox.close();
    },
  };
};

const boundAddress = (address: AddressInfo | string | null): AddressInfo => {
  if (address === null || typeof address === "string") throw new Error("The mailbox has no port.");
  return address;
};

const webhookPath = (path: string): string => {
  const parts = path.replace(/^\/?(services\/)?/, "").split("/");
  return parts.length === 3 ? parts.join("/") : `TLOGWATCH/BLOGWATCH/${encodeURIComponent(parts.join("-"))}`;
};

const route = async (
  req: IncomingMessage,
  res: ServerResponse,
  inbox: Inbox,
  faults: Faults,
  routes: Routes,
): Promise<void> => {
  const path = new URL(req.url ?? "/", "http://mailbox").pathname;
  const reads = req.method === "GET" || req.method === "HEAD";
  // A page of another origin may not post mail, set faults or empty the box through its visitor's browser.
  if (!reads && isForeign(req)) return answer(res, json(403, { error: "Not from another site." }));
  if (req.method === "POST" && (path === "/" || path === "/ses" || path === "/ses/")) {
    return answerSes(req, res, inbox, faults);
  }
  if (req.method === "POST" && path.startsWith("/services/")) return answerSlack(req, res, path, inbox, faults);
  if (path === "/faults") return answer(res, await answerFaults(req, faults));
  if (path === "/messages.json" && req.method === "DELETE") {
    inbox.empty();
    return answer(res, json(200, []));
  }
  const wanted = reads ? path : `${req.method} ${path}`;
  const beside = Object.hasOwn(routes, wanted) ? routes[wanted] : undefined;
  if (beside) return answer(res, json(200, await beside()));
  if (!reads) return answer(res, json(405, { error: `${req.method} is not possible here.` }, { allow: "GET, HEAD" }));
  if (path === "/messages.json") return answer(res, feed(req, inbox));
  answer(res, findAsset(path) ?? pageOf(path, inbox));
};

const isForeign = ({ headers }: IncomingMessage): boolean =>
  headers.origin !== undefined && (!URL.canParse(headers.origin) || new URL(headers.origin).host !== headers.host);

/** Newest first; `?limit=` for fewer. Unchanged since the caller's ETag: 304. */
const feed = (req: IncomingMessage, inbox: Inbox): Reply => {
  const asked = Number(new URL(req.url ?? "/", "http://mailbox").searchParams.get("limit") ?? Number.NaN);
  const limit = Number.isInteger(asked) && asked > 0 ? Math.min(asked, 5000) : undefined;
  const total = String(inbox.count());
  const etag = `"${inbox.version()}-${limit ?? "all"}"`;
  const headers = { etag, "x-total-count": total };
  if (req.headers["if-none-match"] === etag) return { ...json(304, null, headers), body: "" };
  const summaries = inbox.list(limit).map(({ html: _html, raw: _raw, blocks: _blocks, ...summary }) => summary);
  return json(200, summaries, headers);
};

const pageOf = (path: string, inbox: Inbox): Reply => {
  if (path === "/" || path === "/index.html") return page();
  const [, id = "", part = ""] = /^\/messages\/(\d+)(\.json|\/html)?$/.exec(path) ?? [];
  const message = inbox.find(id);
  if (!message) return json(404, { error: "There is nothing here; it may have been deleted." });
  if (part === ".json") return json(200, message);
  return part === "/html" ? mailHtml(message) : page(message);
};
