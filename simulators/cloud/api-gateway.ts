// Stand-in for API Gateway's HTTP API: turns an HTTP request into the event of payload 2.0, asks the handler, writes its answer. With
// the limits of the real one: 10 MB a request, 30 s an answer, header names in lower case, cookies apart, doubled headers joined.
import { randomUUID } from "node:crypto";
import type { IncomingMessage, ServerResponse } from "node:http";
import type { APIGatewayProxyEventV2, APIGatewayProxyStructuredResultV2 } from "aws-lambda";

type Handler = (event: APIGatewayProxyEventV2) => Promise<APIGatewayProxyStructuredResultV2>;

const maxBodyBytes = 10 * 1024 * 1024;
const integrationTimeoutMs = 30_000;

/** Answers one request that was made to the API. */
export const apiGateway =
  (handler: Handler, timeoutMs = integrationTimeoutMs) =>
  async (req: IncomingMessage, res: ServerResponse): Promise<void> => {
    const body = await readBody(req);
    if (body === undefined) return plain(res, 413, "Request Entity Too Large");
    try {
      const answered = await within(handler(eventOf(req, body)), timeoutMs);
      if (!answered) return plain(res, 503, "Service Unavailable");
      write(req, res, answered);
    } catch {
      // As the real one: what a handler throws is nobody's business outside.
      plain(res, 500, "Internal Server Error");
    }
  };

/** Undefined when it is longer than the gateway takes; what follows is thrown away, not kept. */
const readBody = async (req: IncomingMessage): Promise<Buffer | undefined> => {
  if (req.method === "GET" || req.method === "HEAD") return empty;
  const chunks: Buffer[] = [];
  let sizeBytes = 0;
  for await (const chunk of req) {
    const piece = Buffer.from(chunk);
    sizeBytes += piece.length;
    if (sizeBytes <= maxBodyBytes) chunks.push(piece);
  }
  return sizeBytes > maxBodyBytes ? undefined : Buffer.concat(chunks);
};

const empty = Buffer.alloc(0);

const eventOf = (req: IncomingMessage, body: Buffer): APIGatewayProxyEventV2 => {
  const url = req.url ?? "/";
  const mark = url.indexOf("?");
  const rawPath = mark < 0 ? url : url.slice(0, mark);
  const { cookie, ...headers } = req.headers;
  const method = req.method ?? "GET";
  const isText = /^(text\/|application\/(json|xml|javascript))/i.test(headers["content-type"] ?? "");
  return {
    version: "2.0",
    routeKey: "$default",
    rawPath,
    rawQueryString: mark < 0 ? "" : url.slice(mark + 1),
    ...(cookie === undefined ? {} : { cookies: cookie.split(/;\s*/) }),
    headers: joined(headers),
    requestContext: {
      accountId: "123456789012",
      apiId: "local",
      domainName: headers.host ?? "",
      domainPrefix: "local",
      http: {
        method,
        path: rawPath,
        protocol: `HTTP/${req.httpVersion}`,
        sourceIp: req.socket.remoteAddress ?? "",
        userAgent: headers["user-agent"] ?? "",
      },
      requestId: randomUUID(),
      routeKey: "$default",
      stage: "$default",
      time: new Date().toUTCString(),
      timeEpoch: Date.now(),
    },
    ...(body.length === 0 ? {} : { body: body.toString(isText ? "utf8" : "base64") }),
    isBase64Encoded: body.length > 0 && !isText,
  };
};

const joined = (headers: IncomingMessage["headers"]): Record<string, string | undefined> => {
  const all: Record<string, string | undefined> = {};
  for (const name in headers) {
    const value = headers[name];
    all[name] = Array.isArray(value) ? value.join(",") : value;
  }
  return all;
};

/** Undefined when it took too long. */
const within = async <Value>(work: Promise<Value>, timeoutMs: number): Promise<Value | undefined> => {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<undefined>((resolve) => {
    timer = setTimeout(() => resolve(undefined), timeoutMs);
  });
  try {
    return await Promise.race([work, late]);
  } finally {
    clearTimeout(timer);
  }
};

const write = (req: IncomingMessage, res: ServerResponse, answered: APIGatewayProxyStructuredResultV2): void => {
  const { statusCode = 200, headers = {}, cookies = [], body = "", isBase64Encoded = false } = answered;
  const bytes = Buffer.from(body, isBase64Encoded ? "base64" : "utf8");
  for (const [name, value] of Object.entries(headers)) res.setHeader(name, String(value));
  if (cookies.length > 0) res.setHeader("set-cookie", cookies);
  res.statusCode = statusCode;
  const hasBody = req.method !== "HEAD" && statusCode !== 204 && statusCode !== 304;
  if (hasBody) res.setHeader("content-length", bytes.length);
  res.end(hasBody ? bytes : undefined);
};

const plain = (res: ServerResponse, status: number, message: string): void => {
  res.writeHead(status, { "content-type": "application/json" });
  res.end(JSON.stringify({ message }));
};
