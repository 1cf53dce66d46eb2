// One HTTP call to addresses that were checked: the connection is pinned to them, whatever the name leads to by now. No redirect is
// followed, and time, headers and body are bounded. Failures are values.
import type { LookupAddress } from "node:dns";
import type { ClientRequest, Agent as HttpAgent, IncomingMessage } from "node:http";
import type { Agent as HttpsAgent } from "node:https";
import { isIPv6, type LookupFunction } from "node:net";
import { boundedBody } from "./egress-body.ts";
import { connectionFailure, type EgressFailure } from "./egress-failure.ts";
import type { Target } from "./egress-url.ts";
import { fail, ok, type Result } from "./result.ts";

// Not imported: an import reads all that a module exports, and of `node:http` that loads Node's own fetch, a quarter of a cold start.
const { Agent, request: httpRequest } = process.getBuiltinModule("node:http");
const { Agent: TlsAgent, request: tlsRequest } = process.getBuiltinModule("node:https");

export type EgressRequest = {
  method: "GET" | "POST";
  headers: Readonly<Record<string, string>>;
  body?: string;
  /** Of the body after unpacking. A longer one is cut there. */
  maxBodyBytes: number;
  signal: AbortSignal;
};

/** Header names are in lower case. */
export type EgressAnswer = {
  status: number;
  headers: Readonly<Record<string, string | string[] | undefined>>;
  body: string;
  isCut: boolean;
};

export type Agents = { http: HttpAgent; https: HttpsAgent };

/** A server of Node's own closes a quiet connection after five seconds; one that is given up sooner is never cut in mid-call. */
const quietMs = 4000;
const maxHeaderBytes = 16 * 1024;

/**
 * Connections are kept by name, port and the addresses they were checked for: one that was made under an older answer of the name
 * service is not used under a newer one.
 */
export const openAgents = (keepAlive: boolean): Agents => {
  const options = { keepAlive, timeout: quietMs, maxFreeSockets: 16 };
  const agents = { http: new Agent(options), https: new TlsAgent(options) };
  for (const agent of [agents.http, agents.https]) {
    const plainName = agent.getName.bind(agent);
    agent.getName = (given) => `${plainName(given)}:${given && "pinnedTo" in given ? String(given.pinnedTo) : ""}`;
  }
  return agents;
};

export const callPinned = async (
  target: Target,
  addresses: readonly string[],
  asked: EgressRequest,
  { agents, connectMs }: { agents: Agents; connectMs: number },
): Promise<Result<EgressAnswer, EgressFailure>> => {
  const call = startCall(target, addresses, asked, agents);
  const connecting = boundConnecting(call, connectMs);
  // It stays for as long as the call does: an error that nobody hears ends the process.
  const errors: unknown[] = [];
  call.on("error", (error) => errors.push(error));
  const end = () => call.destroy();
  if (asked.signal.aborted) end();
  asked.signal.addEventListener("abort", end, { once: true });
  try {
    const answer = await answered(call);
    const body = await boundedBody(answer, asked.maxBodyBytes);
    if (!body) {
      answer.destroy();
      const message = `${target.shown} packed its answer in a way that was not asked for.`;
      return fail({ kind: "bad-answer", message, retryable: false });
    }
    return ok({ status: answer.statusCode ?? 0, headers: answer.headers, body: body.text, isCut: body.isCut });
  } catch (error) {
    call.destroy();
    // HTTP that breaks its rules within the body is told to the call; the body only ends too soon.
    return fail(connectionFailure(errors[0] ?? error, target.shown));
  } finally {
    clearTimeout(connecting);
    asked.signal.removeEventListener("abort", end);
  }
};

const startCall = (
  target: Target,
  addresses: readonly string[],
  asked: EgressRequest,
  agents: Agents,
): ClientRequest => {
  const { url, scheme, host, port } = target;
  const options = {
    method: asked.method,
    host,
    port,
    path: url.pathname + url.search,
    headers: {
      "accept-encoding": "gzip",
      ...asked.headers,
      ...(asked.body === undefined ? {} : { "content-length": Buffer.byteLength(asked.body) }),
      // Last, for the certificate is asked for by this name.
      host: url.host,
    },
    lookup: lookupOf(addresses),
    maxHeaderSize: maxHeaderBytes,
    pinnedTo: [...addresses].sort().join(),
  };
  const call =
    scheme === "https"
      ? tlsRequest({ ...options, agent: agents.https })
      : httpRequest({ ...options, agent: agents.http });
  call.end(asked.body);
  return call;
};

/** Answers with the checked addresses, whatever is asked for. */
const lookupOf = (addresses: readonly string[]): LookupFunction => {
  const all: LookupAddress[] = addresses.map((address) => ({ address, family: isIPv6(address) ? 6 : 4 }));
  return (_name, { all: wantsAll }, done) => {
    const [first] = all;
    if (wantsAll) done(null, all);
    else done(null, first?.address ?? "", first?.family);
  };
};

const answered = (call: ClientRequest): Promise<IncomingMessage> =>
  new Promise((resolve, reject) => {
    call.once("response", resolve);
    call.once("error", reject);
    call.once("close", () => reject(Object.assign(new Error("socket hang up"), { code: "ECONNRESET" })));
  });

const boundConnecting = (call: ClientRequest, connectMs: number): NodeJS.Timeout => {
  const late = () => call.destroy(Object.assign(new Error("no connection in time"), { code: "ETIMEDOUT" }));
  const timer = setTimeout(late, connectMs);
  call.once("socket", (socket) => {
    // One that is used again is connected, and collects a listener with each call.
    if (!socket.connecting) return clearTimeout(timer);
    socket.once("encrypted" in socket ? "secureConnect" : "connect", () => clearTimeout(timer));
  });
  return timer;
};
