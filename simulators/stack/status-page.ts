// The dashboard's port of a local stack: the API under `/api`, and until the dashboard takes the rest a page that says where
// everything is and how it goes.
import { createServer, type RequestListener, type ServerResponse } from "node:http";
import type { BookRoutes } from "./books-api.ts";
import { mailedPage } from "./mailed-pages.ts";
import type { Addresses } from "./start-stack.ts";

export type StatusPage = { url: string; close: () => Promise<void> };

/** `api`: undefined while the stack starts. Port 0 takes a free one. @throws when the port is taken. */
export const startStatusPage = async (
  port: number,
  addresses: Addresses,
  routes: BookRoutes,
  api: () => RequestListener | undefined,
): Promise<StatusPage> => {
  const server = createServer((req, res) => {
    if (/^\/api(\/|\?|$)/.test(req.url ?? "")) {
      const listener = api();
      if (listener) listener(req, res);
      else problem(res, 503, "The API is still starting.");
      return;
    }
    const path = pathOf(req.url);
    answer(path, req.method ?? "GET", res, addresses, routes).catch((error: unknown) => {
      if (res.headersSent) res.destroy();
      else problem(res, 500, error instanceof Error ? error.message : String(error));
    });
  });
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(port, "127.0.0.1", resolve);
  });
  const bound = server.address();
  if (bound === null || typeof bound === "string") throw new Error("The status page has no port.");
  return {
    url: `http://127.0.0.1:${bound.port}`,
    close: async () => {
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      server.closeAllConnections();
      await closed;
    },
  };
};

/** A request line may hold anything; what is no path is nothing here. */
const pathOf = (url = "/"): string => (URL.canParse(url, "http://stack") ? new URL(url, "http://stack").pathname : "");

const answer = async (
  path: string,
  method: string,
  res: ServerResponse,
  addresses: Addresses,
  routes: BookRoutes,
): Promise<void> => {
  if (method !== "GET" && method !== "HEAD") return problem(res, 405, `${method} is not possible here.`);
  if (path === "/") return html(res, await page(addresses, routes));
  const mailed = mailedPage(path, addresses.dashboard);
  if (mailed !== undefined) return html(res, mailed);
  const route = Object.hasOwn(routes, path) ? routes[path] : undefined;
  if (!route) return problem(res, 404, "There is nothing here.");
  res.writeHead(200, { "content-type": "application/json; charset=utf-8", "cache-control": "no-store" });
  res.end(JSON.stringify(await route()));
};

/** RFC 9457. */
const problem = (res: ServerResponse, status: number, detail: string): void => {
  res.writeHead(status, { "content-type": "application/problem+json" });
  res.end(JSON.stringify({ type: "about:blank", status, title: status === 404 ? "Not found" : "Problem", detail }));
};

const html = (res: ServerResponse, body: string): void => {
  res.writeHead(200, {
    "content-type": "text/html; charset=utf-8",
    "content-security-policy": "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'",
    "cache-control": "no-store",
  });
  res.end(body);
};

const page = async (addresses: Addresses, routes: BookRoutes): Promise<string> => {
  const places = [
    ["Mailbox: what was sent", addresses.mailbox],
    ["API: everything a user can do", "/api/docs"],
    ["Notifications: what was owed, and how it ended", "/notifications"],
    ["Books: why everything else stayed silent", "/books"],
    ["Coverage: which windows have an answer", "/coverage"],
    ["Dead letters: records no step could handle", "/dead-letters"],
    ["Log store (Graylog's API)", addresses.graylog.url],
  ] as const;
  const books = await routes["/books"]?.();
  const rows = places.map(([title, url]) => `<li><a href="${escapeHtml(url)}">${escapeHtml(title)}</a></li>`);
  return `<!doctype html><html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>LogWatch</title>
<style>:root{color-scheme:light dark;font:16px/1.5 system-ui}body{max-width:42rem;margin:3rem auto;padding:0 1rem}pre{overflow:auto;padding:1rem;border:1px solid #8884;border-radius:.5rem}li{margin:.3rem 0}</style>
<h1>LogWatch is running</h1><p>GELF: HTTP and UDP on ${addresses.gelf.http}, TCP on ${addresses.gelf.tcp}.</p><ul>${rows.join("")}</ul>
<h2>The books</h2><p>Every finding ends as sent, pending or suppressed with a reason.</p><pre>${escapeHtml(JSON.stringify(books, null, 2))}</pre></html>`;
};

const escapeHtml = (text: string): string => text.replace(/[&<>"]/g, (one) => `&#${one.charCodeAt(0)};`);
