// For tests: the real handler of the API over the stand-ins, called with gateway events. Mail goes to the mailbox stand-in, events to
// an array in place of Kafka; the clock is set by hand.
import type { APIGatewayProxyEventV2 } from "aws-lambda";
import { ulid } from "ulid";
import { apiHandler } from "../../functions/api/handler.ts";
import type { OutgoingRecord } from "../../functions/lib/bus.ts";
import { readConfig } from "../../functions/lib/config.ts";
import { emitTo } from "../../functions/lib/emit.ts";
import { type ApiStorage, openApiStorage } from "../../functions/storage/api-storage.ts";
import type { Db } from "../../functions/storage/db.ts";
import { newApiToken, newSecret, secretHash, shownPrefix } from "../../functions/storage/sessions-secret.ts";
import type { User } from "../../functions/storage/users.ts";
import { createStorageOpener } from "../cloud/aurora/test-storage.ts";
import { createFaults } from "../cloud/faults.ts";
import { startMailbox } from "../cloud/mailbox/mailbox.ts";

export const origin = "https://logwatch.example.com";
export const start = Date.UTC(2026, 10, 22, 12);

/** Whoever calls: the headers that say so. */
export type Identity = { user: User; sessionId: string; headers: Record<string, string>; cookies: string[] };

export type TestResponse = {
  status: number;
  headers: Record<string, string>;
  cookies: string[];
  text: string;
  /** Parsed; undefined without a body. */
  body: Record<string, unknown> & { items?: Record<string, unknown>[] };
};

export type CallOptions = {
  as?: Identity | undefined;
  body?: unknown;
  /** In place of `body`: as it is. */
  text?: string;
  headers?: Record<string, string>;
  cookies?: string[];
  address?: string;
};

export type TestApi = Awaited<ReturnType<ReturnType<typeof createApiOpener>["open"]>>;

/** Every `open` gives an instance of its own; `closeAll` ends them. */
export const createApiOpener = () => {
  const opener = createStorageOpener();
  const closing: (() => Promise<void>)[] = [];
  const open = async (environment: Record<string, string> = {}) => {
    const { db, redis, faults, calls, file } = await opener.open();
    const storage = openApiStorage(db, redis, async () => undefined);
    const mailbox = await startMailbox({ port: 0, file: ":memory:", faults: createFaults() });
    closing.push(mailbox.close);
    const published: OutgoingRecord[] = [];
    const logged: { level: string; text: string; facts: unknown }[] = [];
    const clock = { now: start };
    const config = readConfig({
      LOGWATCH_SECRETS_KEY: Buffer.alloc(32, 7).toString("base64"),
      LOGWATCH_ORIGINS: origin,
      LOGWATCH_DASHBOARD_URL: origin,
      REGISTRATION: "open",
      AWS_ENDPOINT_URL_SES: mailbox.sesEndpoint,
      LOGWATCH_SLACK_HOSTS: new URL(mailbox.url).host,
      ...environment,
    });
    const handler = apiHandler({
      storage,
      redis,
      emit: emitTo(async (records) => void published.push(...records)),
      now: () => clock.now,
      log: (level, text, facts) => void logged.push({ level, text, facts }),
      config,
      status: {},
    });
    const call = async (method: string, path: string, options: CallOptions = {}): Promise<TestResponse> =>
      responseOf(await handler(gatewayEvent(method, path, options)));
    return {
      storage,
      db,
      file,
      redis,
      faults,
      calls,
      mailbox,
      published,
      logged,
      clock,
      config,
      handler,
      call,
      ...people(db, storage, clock),
    };
  };
  const closeAll = async () => {
    while (closing.length > 0) await closing.pop()?.();
    await opener.closeAll();
  };
  return { open, closeAll };
};

/** Users made straight in the store: hashing a password takes a quarter of a second, and most tests sign nobody in. */
const people = (db: Db, storage: ApiStorage, clock: { now: number }) => {
  const session = async (user: User): Promise<Identity> => {
    const secret = newSecret();
    const facts = { userId: user.id, passwordHash, at: clock.now, address: "192.0.2.1", agent: "test" };
    const made = await storage.sessions.create({ id: ulid(), tokenHash: secretHash(secret), ...facts });
    if (!made) throw new Error(`No session for ${user.email}.`);
    const headers = { origin, "x-logwatch-csrf": "1" };
    return { user, sessionId: made.id, headers, cookies: [`__Host-logwatch=${secret}`] };
  };
  const user = async (name: string, role: "user" | "admin" = "user"): Promise<Identity> => {
    const email = `${name}@example.com`;
    const made = await storage.users.create({ id: ulid(), email, name, passwordHash, at: clock.now });
    if (!made) throw new Error(`${email} is taken.`);
    if (made.role === role) return session(made);
    // Of an empty instance the first account is an admin, whatever a test wants.
    await db.execute("UPDATE users SET role = :role WHERE id = :id", { role, id: made.id });
    return session({ ...made, role });
  };
  const token = async ({ user: of }: Identity, scope: "read" | "write"): Promise<Identity> => {
    const secret = newApiToken();
    const facts = { id: ulid(), userId: of.id, name: scope, scope, prefix: shownPrefix(secret) };
    await storage.apiTokens.create({ ...facts, createdAt: clock.now, expiresAt: null, tokenHash: secretHash(secret) });
    return { user: of, sessionId: "", headers: { authorization: `Bearer ${secret}` }, cookies: [] };
  };
  return { session, user, token };
};

const passwordHash = "no-hash";

const gatewayEvent = (method: string, path: string, options: CallOptions = {}): APIGatewayProxyEventV2 => {
  const { as, body, text, headers = {}, cookies = [], address = "192.0.2.1" } = options;
  const [rawPath = "", rawQueryString = ""] = path.split(/\?(.*)/s);
  const sent = text ?? (body === undefined ? undefined : JSON.stringify(body));
  return {
    version: "2.0",
    routeKey: "$default",
    rawPath: `/api${rawPath}`,
    rawQueryString,
    cookies: [...(as?.cookies ?? []), ...cookies],
    headers: { ...(sent === undefined ? {} : { "content-type": "application/json" }), ...as?.headers, ...headers },
    requestContext: {
      accountId: "123456789012",
      apiId: "test",
      domainName: "logwatch.example.com",
      domainPrefix: "test",
      http: { method, path: rawPath, protocol: "HTTP/1.1", sourceIp: address, userAgent: "test" },
      requestId: ulid(),
      routeKey: "$default",
      stage: "$default",
      time: "",
      timeEpoch: 0,
    },
    ...(sent === undefined ? {} : { body: sent }),
    isBase64Encoded: false,
  };
};

const responseOf = (answered: Awaited<ReturnType<ReturnType<typeof apiHandler>>>): TestResponse => {
  const { statusCode = 200, headers = {}, cookies = [], body = "" } = answered;
  const texts = Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, String(value)]));
  const isJson = /json/.test(texts["content-type"] ?? "");
  return {
    status: statusCode,
    headers: texts,
    cookies,
    text: body,
    body: isJson && body !== "" ? JSON.parse(body) : undefined,
  };
};
