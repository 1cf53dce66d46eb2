// The API to read in a browser: one page, no script, nothing from elsewhere. Made from the same routes as everything else.
import { accessOf } from "./access.ts";
import { sayAccess, wireSchema } from "./openapi.ts";
import type { Route } from "./route.ts";

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
    query ? detail("Query", wireSchema(query)) : "",
    body ? detail("Body", wireSchema(body)) : "",
    reply && !route.media ? detail("Answer", wireSchema(reply)) : "",
    example.body === undefined ? "" : detail("Example body", example.body),
    example.reply === undefined ? "" : detail("Example answer", example.reply),
  ];
  return `<article id="${id}"><h3><span class="${method.toLowerCase()}">${method}</span> <code>/api${html(path)}</code></h3>
<p><strong>${html(title)}.</strong> ${html(description)}</p><p class="who">${html(sayAccess(accessOf(id)))}${
    route.isVersioned ? " Needs <code>If-Match</code>." : ""
  }${route.creates ? " Takes an <code>Idempotency-Key</code>." : ""}</p>${parts.join("")}</article>`;
};

const detail = (title: string, value: unknown): string =>
  `<details><summary>${title}</summary><pre>${html(JSON.stringify(value, null, 2))}</pre></details>`;

const html = (text: string): string => text.replace(/[&<>"']/g, (sign) => `&#${sign.charCodeAt(0)};`);

const style = `:root{color-scheme:light dark;--line:#8886;--soft:#8882;font:16px/1.5 system-ui,sans-serif}
body{max-width:60rem;margin:0 auto;padding:1.5rem 1rem}code,pre{font:.9em/1.45 ui-monospace,monospace}
pre{overflow:auto;padding:.75rem;background:var(--soft);border-radius:.4rem;max-height:28rem}
nav ul{display:flex;flex-wrap:wrap;gap:.3rem 1rem;padding:0;list-style:none}article{border-top:1px solid var(--line);padding:.5rem 0}
h2{margin-top:2.5rem}h3{font-size:1rem;margin:.5rem 0;overflow-wrap:anywhere}h3 span{display:inline-block;min-width:4.2em;text-align:center;border-radius:.3rem;
padding:0 .4em;background:var(--soft);font-size:.85em}.who{opacity:.8;font-size:.92em}summary{cursor:pointer}p{margin:.3rem 0}`;
