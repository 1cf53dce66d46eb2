// Starts all of LogWatch in one process: cloud stand-ins, the steps on their topics, the clock, simulated services.

import type { RequestListener } from "node:http";
import { analyzeHandler } from "../../functions/analyze/handler.ts";
import { archiveHandler } from "../../functions/archive/handler.ts";
import * as channelPlugins from "../../functions/channels/index.ts";
import { deliverHandler } from "../../functions/deliver/handler.ts";
import { evaluateHandler } from "../../functions/evaluate/handler.ts";
import { expireHandler } from "../../functions/expire/handler.ts";
import { type Config, readConfig } from "../../functions/lib/config.ts";
import { emitTo } from "../../functions/lib/emit.ts";
import { type Log, openLog } from "../../functions/lib/log.ts";
import { notifyHandler } from "../../functions/notify/handler.ts";
import { scheduleHandler } from "../../functions/schedule/handler.ts";
import { snapshotHandler } from "../../functions/snapshot/handler.ts";
import { startEventBridge } from "../cloud/event-bridge.ts";
import { type DataFolder, openDataFolder } from "../data-folder.ts";
import { openGelf } from "../gelf.ts";
import type { StartOptions } from "../options.ts";
import { choosePort } from "../ports.ts";
import { backfill, startTraffic } from "../services/traffic.ts";
import { applyLocalSource, compileWatchFile, watchOwnerId } from "./apply-watch.ts";
import { bookRoutes } from "./books-api.ts";
import { connectSteps } from "./connect-steps.ts";
import { firstLeaseMs } from "./first-lease.ts";
import { openApi } from "./open-api.ts";
import { type Cloud, graylogUser, openCloud } from "./open-cloud.ts";
import { startStatusPage } from "./status-page.ts";

/** Every address of a running stack; ports of `gelf` are numbers. */
export type Addresses = {
  dashboard: string;
  api: string;
  graylog: { url: string; username: string; password: string };
  gelf: { http: number; udp: number; tcp: number };
  mailbox: string;
};

export type Stack = { addresses: Addresses; cloud: Cloud; stop: () => Promise<void> };

export type Environment = Readonly<Record<string, string | undefined>>;

const hourMs = 3_600_000;
/** How much quiet traffic lies before the first start. */
const quietMs = 600_000;

/** `say` is for sentences to the user. @throws one clear sentence when it cannot start. */
export const startStack = async (
  options: StartOptions,
  environment: Environment,
  say: (text: string) => void,
): Promise<Stack> => {
  const data = openDataFolder(options.data, options.fresh);
  const closing: (() => Promise<unknown> | unknown)[] = [data.release];
  const stop = async () => {
    while (closing.length > 0) await closing.pop()?.();
  };
  try {
    const ports = await choosePorts(options, say);
    let opened: Cloud | undefined;
    const routes = bookRoutes(() => opened);
    const cloud = await openCloud(data, ports, routes);
    opened = cloud;
    closing.push(cloud.close);
    let api: RequestListener | undefined;
    const addresses = await openDashboardPort(cloud, ports.page, routes, () => api, closing);
    const slackUrl = environment.SLACK_WEBHOOK_URL ?? cloud.mailbox.slackUrl("demo");
    const config = localConfig(environment, data, cloud, addresses);
    await applyLocalSource(cloud.storage, addresses.graylog, data.secretsKey);
    const isSimulated = !options["no-simulators"];
    // New jobs begin where the simulated past does, so that there is something to see.
    const startAt = Date.now() - (isSimulated ? quietMs : 0);
    const variables = { ...environment, SLACK_WEBHOOK_URL: slackUrl };
    const stored = await cloud.storage.configuration.read(watchOwnerId);
    const watched = compileWatchFile(options.watch, { secretsKey: data.secretsKey, startAt, variables, stored });
    await cloud.storage.configuration.apply(watchOwnerId, watched);
    if (isSimulated) await startServices(cloud, data, closing, say);
    const log = openLog(config.LOGWATCH_LOG_LEVEL);
    startPipeline(cloud, config, log, closing);
    api = openApi(cloud, config, log);
    return { addresses, cloud, stop };
  } catch (error) {
    await stop();
    throw error;
  }
};

const choosePorts = async (options: StartOptions, say: (text: string) => void) => {
  const taken = new Set<number>();
  const choose = async (flag: "port" | "graylog-port" | "gelf-port" | "mailbox-port", what: string) => {
    const port = await choosePort({ flag, what }, options[flag], options.explicit.has(flag), taken, say);
    taken.add(port);
    return port;
  };
  return {
    page: await choose("port", "the status page"),
    graylog: await choose("graylog-port", "the log store"),
    gelf: await choose("gelf-port", "GELF"),
    mailbox: await choose("mailbox-port", "the mailbox"),
  };
};

const openDashboardPort = async (
  cloud: Cloud,
  port: number,
  routes: ReturnType<typeof bookRoutes>,
  api: () => RequestListener | undefined,
  closing: (() => unknown)[],
): Promise<Addresses> => {
  const addresses: Addresses = {
    dashboard: "",
    api: "",
    graylog: { url: cloud.graylog.url, ...graylogUser },
    gelf: cloud.graylog.gelf,
    mailbox: cloud.mailbox.url,
  };
  const page = await startStatusPage(port, addresses, routes, api);
  closing.push(page.close);
  addresses.dashboard = page.url;
  addresses.api = `${page.url}/api`;
  return addresses;
};

/** What deployment sets on AWS. */
const localConfig = (environment: Environment, data: DataFolder, cloud: Cloud, addresses: Addresses): Config =>
  readConfig({
    LOGWATCH_LOG_LEVEL: "warn",
    // The stand-in finds what it has accepted.
    LOGWATCH_SEARCH_LAG: "0s",
    LOGWATCH_DASHBOARD_URL: addresses.dashboard,
    // Both names that people give this machine.
    LOGWATCH_ORIGINS: `${addresses.dashboard},${addresses.dashboard.replace("127.0.0.1", "localhost")}`,
    // Whoever reaches this port is on this machine.
    REGISTRATION: "open",
    ...environment,
    // The log store stand-in, and nothing else of this machine.
    ALLOWED_SOURCE_HOSTS: [environment.ALLOWED_SOURCE_HOSTS, new URL(addresses.graylog.url).host]
      .filter(Boolean)
      .join(),
    LOGWATCH_SECRETS_KEY: data.secretsKey,
    LOGWATCH_SLACK_HOSTS: `${environment.LOGWATCH_SLACK_HOSTS ?? "hooks.slack.com"},${new URL(cloud.mailbox.url).host}`,
    AWS_ENDPOINT_URL_SES: environment.AWS_ENDPOINT_URL_SES ?? cloud.mailbox.sesEndpoint,
  });

/** Steps on their topics and the clock's ticks. Stopped in this order: clock, then steps. */
const startPipeline = (cloud: Cloud, config: Config, log: Log, closing: (() => unknown)[]): void => {
  const { faults, kafka, storage } = cloud;
  const outside = { storage, emit: emitTo(kafka.publish), now: Date.now, log, config };
  const channels = Object.values(channelPlugins);
  const mappings = connectSteps(kafka, {
    analyze: analyzeHandler(outside),
    snapshot: snapshotHandler(outside),
    archive: archiveHandler(outside),
    evaluate: evaluateHandler(outside),
    notify: notifyHandler(outside),
    deliver: Object.fromEntries(channels.map((channel) => [channel.id, deliverHandler(channel, outside)])),
  });
  closing.push(() => Promise.all(mappings.map((mapping) => mapping.stop())));
  const stopping = new AbortController();
  const waitUntil = (at: number) => pause(at - Date.now(), stopping.signal);
  const first = scheduleHandler({ ...outside, waitUntil, leaseMs: firstLeaseMs });
  const ticks = [first, scheduleHandler({ ...outside, waitUntil })];
  const onError = (error: unknown) => log("error", "a tick failed; the next one catches up", { error });
  const minute = startEventBridge({
    name: "logwatch-schedule",
    faults,
    everyMs: 60_000,
    target: (event) => (ticks.length > 1 ? ticks.shift() : ticks[0])?.(event) ?? Promise.resolve(),
    onError,
  });
  const hour = startEventBridge({
    name: "logwatch-expire",
    faults,
    everyMs: hourMs,
    target: expireHandler(outside),
    onError,
  });
  closing.push(async () => {
    stopping.abort();
    await Promise.all([minute.stop(), hour.stop()]);
  });
};

/** False when it was cut short. */
const pause = (ms: number, signal: AbortSignal): Promise<boolean> =>
  new Promise((resolve) => {
    if (signal.aborted || ms <= 0) return resolve(!signal.aborted);
    const end = (isOver: boolean) => {
      clearTimeout(timer);
      signal.removeEventListener("abort", cut);
      resolve(isOver);
    };
    const cut = () => end(false);
    const timer = setTimeout(() => end(true), ms);
    signal.addEventListener("abort", cut);
  });

const startServices = async (
  cloud: Cloud,
  data: DataFolder,
  closing: (() => unknown)[],
  say: (text: string) => void,
): Promise<void> => {
  const gelf = openGelf({ transport: "http", host: "127.0.0.1", port: cloud.graylog.gelf.http });
  closing.push(gelf.close);
  const seed = "logwatch";
  if (cloud.graylog.count() === 0) await backfill({ gelf, seed, now: Date.now }, { minutes: quietMs / 60_000 });
  const onProblem = (error: unknown) =>
    say(`The simulated services could not send: ${error instanceof Error ? error.message : String(error)}`);
  const traffic = startTraffic({ gelf, seed, truthFile: data.path("truth.jsonl"), now: Date.now, onProblem });
  closing.push(traffic.stop);
};
