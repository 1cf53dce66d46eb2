// The API to read in a browser: one page, no script, nothing from elsewhere. Made from the same routes as everything else.
import type * as z from "zod";
import { accessOf } from "./access.ts";
import { schemaHtml } from "./docs-schema.ts";
import { sayAccess, wireSchema } from "./openapi.ts";
import type { Route } from "./route.ts";

/** The page, whole: areas in the order of the routes, each with its routes. */
export const docsPage = (routes: readonly Route[]): string => {
  const areas = [...new Set(routes.map((route) => route.area))];
  const nav = areas.map((area) => `<li><a href="#${html(area)}">${html(area)}</a></li>`).join("");
  const sections = areas.map((area) => {
    const own = routes.filter((route) => route.area === area);
    return `<section id="${html(area)}"><h2>${html(area)}</h2>${own.map(routeHtml).join("")}</section>`;
  });
  return `<!doctype html><html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>LogWatch API</title><style>${style}</style></head><body><header><h1>LogWatch API</h1>
<p>Everything a user can do. <a href="openapi.json">The same as OpenAPI 3.1.</a></p>
<p>A script sends <code>Authorization: Bearer lw_…</code>. A session is a cookie; a write with it needs the header
<code>x-logwatch-csrf</code> (any value) and the dashboard’s <code>Origin</code>. Errors are
<code>application/problem+json</code>. Lists give <code>items</code> and <code>next</code>; what has a version has an
<code>ETag</code>, and is changed with <code>If-Match</code>.</p><nav><ul>${nav}</ul></nav></header><main>${sections.join("")}</main></body></html>`;
};

const routeHtml = (route: Route): string => {
  const { id, method, path, title, description, query, body, reply, example } = route;
  const parts = [
    query ? fields("Query", query) : "",
    body ? fields("Body", body) : "",
    reply && !route.media ? fields("Answer", reply) : "",
    text("Example", exampleCall(route)),
    example.reply === undefined ? "" : text("Example answer", JSON.stringify(example.reply, null, 2)),
  ];
  return `<article id="${id}"><h3><span class="method">${method}</span> <code>/api${html(path)}</code></h3>
<p><strong>${html(title)}.</strong> ${html(description)}</p><p class="who">${html(sayAccess(accessOf(id)))}${
    route.isVersioned ? " Needs <code>If-Match</code>." : ""
  }${route.creates ? " Takes an <code>Idempotency-Key</code>." : ""}</p>${parts.join("")}</article>`;
};

const fields = (title: string, schema: z.ZodType): string =>
  `<details><summary>${title}</summary>${schemaHtml(wireSchema(schema), html)}</details>`;

const text = (title: string, content: string): string =>
  `<details><summary>${title}</summary><pre>${html(content)}</pre></details>`;

/** With a token where one will do; else with the cookie and its two headers. */
const exampleCall = ({ id, method, path, example, isVersioned }: Route): string => {
  const { who, session } = accessOf(id);
  const url = `$API${path.replace(/\{(\w+)\}/g, (_, name: string) => example.params?.[name] ?? name)}`;
  const query = new URLSearchParams(example.query).toString();
  const needsCookie = session || (who === "anyone" && method !== "GET");
  return [
    `curl ${method === "GET" || (method === "POST" && example.body !== undefined) ? "" : `-X ${method} `}"${url}${query === "" ? "" : `?${query}`}"`,
    ...(needsCookie ? [`-b cookies.txt -c cookies.txt -H "Origin: $ORIGIN" -H 'x-logwatch-csrf: 1'`] : []),
    ...(needsCookie || who === "anyone" ? [] : [`-H "Authorization: Bearer $TOKEN"`]),
    ...(isVersioned ? [`-H 'If-Match: "v1"'`] : []),
    ...(example.body === undefined ? [] : [`--json '${JSON.stringify(example.body).replaceAll("'", "'\\''")}'`]),
  ].join(" \\\n  ");
};

const html = (text: string): string => text.replace(/[&<>"']/g, (sign) => `&#${sign.charCodeAt(0)};`);

const style = `:root{color-scheme:light dark;--line:#8886;--soft:#8882;font:16px/1.5 system-ui,sans-serif}
body{max-width:60rem;margin:0 auto;padding:1.5rem 1rem}code,pre{font:.9em/1.45 ui-monospace,monospace}
pre{overflow:auto;padding:.75rem;background:var(--soft);border-radius:.4rem;max-height:28rem}
ul ul{margin:.1rem 0}li{margin:.15rem 0}em{opacity:.75}nav ul{display:flex;flex-wrap:wrap;gap:.3rem 1rem;padding:0;list-style:none}article{border-top:1px solid var(--line);padding:.5rem 0}
h2{margin-top:2.5rem}h3{font-size:1rem;margin:.5rem 0;overflow-wrap:anywhere}h3 .method{display:inline-block;min-width:4.2em;text-align:center;border-radius:.3rem;
padding:0 .4em;background:var(--soft);font-size:.85em}.who{opacity:.8;font-size:.92em}summary{cursor:pointer}section h2::first-letter{text-transform:uppercase}p{margin:.3rem 0}`;
