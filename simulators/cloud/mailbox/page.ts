// The mailbox's page: a shell, its scripts and style from files beside, and the HTML of one mail for a sandboxed frame.
import { readFileSync } from "node:fs";
import type { Reply } from "./http.ts";
import type { Received } from "./inbox.ts";

const asset = (name: string, type: string): Reply => ({
  status: 200,
  type,
  body: readFileSync(new URL(`page/${name}`, import.meta.url), "utf8"),
});

const script = "text/javascript; charset=utf-8";
const assets: Record<string, Reply> = {
  "/mailbox.js": asset("mailbox.js", script),
  "/block-kit.js": asset("block-kit.js", script),
  "/message.js": asset("message.js", script),
  "/mrkdwn.js": asset("mrkdwn.js", script),
  "/mailbox.css": asset("mailbox.css", "text/css; charset=utf-8"),
  "/list.css": asset("list.css", "text/css; charset=utf-8"),
  "/message.css": asset("message.css", "text/css; charset=utf-8"),
  "/favicon.svg": asset("favicon.svg", "image/svg+xml"),
};

export const findAsset = (path: string): Reply | undefined => (Object.hasOwn(assets, path) ? assets[path] : undefined);

const pagePolicy = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self'",
  "connect-src 'self'",
  "frame-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join("; ");

// No script, no request of any kind; links open outside the frame, and only when a person follows them.
const mailPolicy = [
  "default-src 'none'",
  "style-src 'unsafe-inline'",
  "img-src data:",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'self'",
  "sandbox allow-popups allow-popups-to-escape-sandbox",
].join("; ");

const shell = asset("index.html", "text/html; charset=utf-8");

/** The page; with a message, its text stands in it already, for readers without scripts. */
export const page = (message?: Received): Reply => ({
  ...shell,
  body: shell.body.replace("<!--message-->", () => (message ? staticMessage(message) : "")),
  headers: { "content-security-policy": pagePolicy, "x-frame-options": "DENY" },
});

/** A mail's own HTML, alone and powerless. */
export const mailHtml = ({ html, text }: Received): Reply => ({
  status: 200,
  type: "text/html; charset=utf-8",
  body: html ?? `<!doctype html><meta charset="utf-8"><pre>${escapeHtml(text)}</pre>`,
  headers: { "content-security-policy": mailPolicy },
});

const staticMessage = ({ subject, from, to, at, text }: Received): string =>
  `<article class="static"><h2>${escapeHtml(subject)}</h2><p>${escapeHtml([from, to, at].filter(Boolean).join(" · "))}</p><pre>${escapeHtml(text)}</pre></article>`;

const escapeHtml = (text: string): string =>
  text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;").replaceAll('"', "&quot;");
