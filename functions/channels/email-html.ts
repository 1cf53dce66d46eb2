// The HTML alternative of an e-mail: no outside request, no script, readable in light and dark. All text is escaped.
import type { Message } from "@logwatch/events";
import { cut, first, followable, inert, inertLine, standing } from "../lib/message-text.ts";

const colours = { info: "#2563eb", warning: "#b45309", critical: "#b91c1c" } as const;
const resolvedColour = "#15803d";

// Colours stand in one place and only where a mail program may not have its own: most follow `color-scheme`.
const css = `:root{color-scheme:light dark}
body{margin:0;padding:24px 16px;font:15px/1.5 system-ui,-apple-system,"Segoe UI",Roboto,sans-serif}
main{max-width:680px;margin:0 auto}
h1{font-size:20px;line-height:1.3;margin:12px 0 16px;overflow-wrap:anywhere}
h2{font-size:14px;margin:24px 0 8px}
p{margin:0 0 8px;overflow-wrap:anywhere;white-space:pre-wrap}
table{border-collapse:collapse;width:100%;margin:16px 0}
th,td{text-align:left;vertical-align:top;padding:6px 12px 6px 0;border-bottom:1px solid #8884;overflow-wrap:anywhere}
th{font-weight:600;white-space:nowrap;width:1%;padding-right:24px}
pre{margin:0;padding:12px;background:#8882;border-radius:6px;font:13px/1.5 ui-monospace,Menlo,Consolas,monospace;white-space:pre-wrap;overflow-wrap:anywhere}
.badge{display:inline-block;padding:2px 10px;border-radius:999px;color:#fff;font-size:13px;font-weight:600}
.links a{margin-right:16px}
.foot{margin-top:24px;font-size:12px;opacity:.7}`;

/** The document; at most `maxChars` a text and `maxItems` of each kind. */
export const emailHtml = (message: Message, notificationId: string, maxChars: number, maxItems: number): string => {
  const title = escapeHtml(cut(inertLine(message.title), maxChars));
  const colour = message.status === "resolved" ? resolvedColour : colours[message.severity];
  const text = (value: string) => escapeHtml(cut(inert(value), maxChars));
  const lines = first(message.lines, maxItems);
  return [
    '<!doctype html><html lang="en"><head><meta charset="utf-8">',
    '<meta name="viewport" content="width=device-width,initial-scale=1"><meta name="color-scheme" content="light dark">',
    `<title>${title}</title><style>${css}</style></head><body><main>`,
    `<span class="badge" style="background:${colour}">${escapeHtml(standing(message))}</span>`,
    `<h1>${title}</h1>`,
    ...lines.shown.map((line) => `<p>${text(line)}</p>`),
    more(lines.left),
    fieldTable(message, text, maxItems),
    exampleLines(message, text, maxItems),
    linkLine(message, text, maxItems),
    `<p class="foot">LogWatch, notification ${text(inertLine(notificationId))}</p></main></body></html>`,
  ].join("\n");
};

type Text = (value: string) => string;

const fieldTable = (message: Message, text: Text, maxItems: number): string => {
  const { shown, left } = first(message.fields, maxItems);
  if (shown.length === 0) return "";
  const rows = shown.map(
    ({ name, value }) => `<tr><th scope="row">${text(inertLine(name))}</th><td>${text(value)}</td></tr>`,
  );
  return `<table><tbody>\n${rows.join("\n")}\n</tbody></table>${more(left)}`;
};

const exampleLines = (message: Message, text: Text, maxItems: number): string => {
  const { shown, left } = first(message.examples, maxItems);
  return shown.length === 0 ? "" : `<h2>Log lines</h2><pre>${shown.map(text).join("\n")}</pre>${more(left)}`;
};

const linkLine = (message: Message, text: Text, maxItems: number): string => {
  const parts = first(message.links, maxItems).shown.map(({ title, url }) => {
    const href = followable(url);
    return href ? `<a href="${escapeHtml(href)}" rel="noreferrer">${text(title)}</a>` : `${text(title)}: ${text(url)}`;
  });
  return parts.length === 0 ? "" : `<p class="links" style="margin-top:20px">${parts.join(" ")}</p>`;
};

const more = (left: number): string => (left > 0 ? `<p>… and ${left} more</p>` : "");

const entities: Record<string, string> = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "'": "&#39;" };
const escapeHtml = (text: string): string => text.replace(/[&<>"']/g, (sign) => entities[sign] ?? sign);
