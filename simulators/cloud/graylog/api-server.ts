// The HTTP server of the API: faults, sign-in, Graylog's guard against forged requests, then the routes.
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import { gzipSync } from "node:zlib";
import { type Faults, playHttpFault } from "../faults.ts";
import { type ApiAnswer, empty, json } from "./api-answer.ts";
import type { ApiCall } from "./api-call.ts";
import { bodyText } from "./body-text.ts";
import { answerCall, isKnownPath, webPage } from "./routes.ts";
import type { SignIn } from "./sign-in.ts";

/** What every call of one stand-in shares. */
export type ApiContext = Pick<ApiCall, "store" | "version" | "startedAt" | "ports" | "username">;

/** Longer questions than a client may ask with a thousand values do not exist. */
const maxBodyBytes = 16 * 1024 * 1024;

export const apiServer = (context: ApiContext, signIn: SignIn, faults: Faults, now: () => number): Server =>
  createServer((req, res) => {
    const fault = faults.take("graylog");
    const answer = async () => {
      if (await playHttpFault(fault, req, res)) return;
      const body = await bodyText(req, maxBodyBytes);
      if (body === undefined) return send(req, res, empty(413), false);
      send(req, res, answerTo(req, body, context, signIn, now()), fault?.kind === "partial");
    };
    // A caller that hangs up has no answer to wait for; any other error is a fault of the stand-in and must be seen.
    answer().catch((error: unknown) => {
      if (req.destroyed && !req.complete) return;
      if (!res.headersSent) send(req, res, json({ type: "ApiError", message: String(error) }, 500), false);
      else res.destroy();
    });
  });

const answerTo = (req: IncomingMessage, body: string, context: ApiContext, signIn: SignIn, now: number): ApiAnswer => {
  const { method = "GET", headers } = req;
  const { pathname: path, searchParams: query } = new URL(req.url ?? "/", "http://graylog.example.com");
  const accept = headers.accept ?? "";
  if (!isKnownPath(path)) return webPage;
  if (method === "OPTIONS") return empty(200);
  if (path === "/api/system/lbstatus") return lbStatus(accept);
  const isRoot = path === "/api/" || path === "/api";
  const isSession = path === "/api/system/sessions" && method === "POST";
  if (!isRoot && !isSession && !signIn.allowed(headers.authorization)) return unauthorized(headers["x-requested-by"]);
  if (method !== "GET" && method !== "HEAD" && headers["x-requested-by"] === undefined) return forged;
  if (isSession) return signIn.session(body, now) ?? unauthorized(undefined);
  return answerCall(method, headers["content-type"] ?? "", { ...context, now, path, query, accept, body });
};

/** A browser's own script is not asked for a password. */
const unauthorized = (requestedBy: string | string[] | undefined): ApiAnswer =>
  requestedBy === "XMLHttpRequest"
    ? empty(401)
    : { ...empty(401), headers: { "www-authenticate": 'Basic realm="Graylog Server"' } };

const forged = json(
  {
    type: "ApiError",
    message: 'CSRF protection header is missing. Please add a "X-Requested-By" header to your request.',
  },
  400,
);

const lbStatus = (accept: string): ApiAnswer =>
  accept === "" || /text\/plain|text\/\*|\*\/\*/.test(accept)
    ? { status: 200, type: "text/plain", body: "ALIVE" }
    : json({ type: "ApiError", message: "HTTP 406 Not Acceptable" }, 406);

/** Below this, packing costs more than it saves. */
const packFromBytes = 1400;

const send = (req: IncomingMessage, res: ServerResponse, answer: ApiAnswer, half: boolean): void => {
  const whole = Buffer.from(answer.body);
  const plain = half ? whole.subarray(0, Math.floor(whole.length / 2)) : whole;
  const packs = /\bgzip\b/.test(String(req.headers["accept-encoding"] ?? "")) && plain.length >= packFromBytes;
  const body = packs ? gzipSync(plain, { level: 1 }) : plain;
  res.writeHead(answer.status, {
    "x-graylog-node-id": "00000000-0000-4000-8000-00000000000a",
    ...(answer.type === null ? {} : { "content-type": answer.type }),
    ...(packs ? { "content-encoding": "gzip" } : {}),
    ...answer.headers,
    "content-length": body.length,
  });
  res.end(req.method === "HEAD" ? undefined : body);
};
