// Benchmark: from a log written (GELF accepted) to its message in the mailbox, through the whole local stack, a job every second, no delay.
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { parseArgs } from "node:util";
import * as z from "zod";
import { gelfMessages, openGelf } from "../simulators/gelf.ts";
import { readOptions } from "../simulators/options.ts";
import { login } from "../simulators/services/auth.ts";
import { random } from "../simulators/services/random.ts";
import { type Stack, startStack } from "../simulators/stack/start-stack.ts";
import { percentile } from "./figures.ts";

const options = z.object({
  logs: z.coerce.number().int().min(10).max(10_000).default(200),
  json: z.boolean().default(false),
});

const everyMs = 1000;
/** Floor and aim of the design for the 99th percentile, ms; the aim is counted above the job's interval. */
const floorMs = 2000;
const aimMs = everyMs + 500;

const watch = `name: latency
services: [{ name: auth, filter: "service:auth" }]
destinations: [{ name: mail, channel: email, address: { to: [oncall@example.com] }, maxPerHour: 10000 }]
jobs:
  - name: logins
    service: auth
    analysis: failed-logins
    every: 1s
    delay: 0s
    rules: [{ name: failed, kind: threshold, params: { measurement: failed_logins_by_user, op: ge, limit: 1 }, tellResolved: false, maxExamples: 50, destinations: [mail] }]
`;

export const latency = async (args: string[]): Promise<void> => {
  const { values } = parseArgs({ args, options: { logs: { type: "string" }, json: { type: "boolean" } } });
  const { logs, json } = options.parse(values);
  const folder = mkdtempSync(join(tmpdir(), "logwatch-latency-"));
  const file = join(folder, "watch.yaml");
  writeFileSync(file, watch);
  const ports = ["--port", "--graylog-port", "--gelf-port", "--mailbox-port"].flatMap((flag) => [flag, "0"]);
  const read = readOptions([...ports, "--data", join(folder, "data"), "--watch", file, "--no-simulators"], {});
  if (!read.ok || read.value === "help") throw new Error("The options are not right.");
  const stack = await startStack(read.value, { LOGWATCH_LOG_LEVEL: "error" }, () => undefined);
  try {
    // The first seconds warm the machine up.
    await sleep(3 * everyMs);
    const waits = (await measure(stack, logs)).sort((left, right) => left - right);
    const figures = { p50: percentile(waits, 50), p99: percentile(waits, 99), max: percentile(waits, 100) };
    if (json) console.log(JSON.stringify({ logs, everyMs, ...figures, floorMs, aimMs }));
    else
      console.log(
        [
          `Log written → message in the mailbox, ${logs} logs, a job every ${everyMs} ms`,
          `p50 ${figures.p50} ms, p99 ${figures.p99} ms, most ${figures.max} ms   floor p99 ${floorMs}, aim ${aimMs}`,
        ].join("\n"),
      );
    if (figures.p99 > floorMs) process.exitCode = 1;
  } finally {
    await stack.stop();
    rmSync(folder, { recursive: true });
  }
};

/** Writes logs at random moments, each of a user of its own, and waits for every user's message. */
const measure = async ({ addresses }: Stack, logs: number): Promise<number[]> => {
  const gelf = openGelf({ transport: "http", host: "127.0.0.1", port: addresses.gelf.http });
  const written = new Map<string, number>();
  const waits: number[] = [];
  const watching = watchMailbox(addresses.mailbox, written, waits, logs);
  for (let index = 0; index < logs; index += 1) {
    const user = `user-${index}-end`;
    await sleep(random("latency", index).whole(200));
    await gelf.send(gelfMessages({ ...login(user, "192.0.2.7", "invalid_password"), at: Date.now(), service: "auth" }));
    written.set(user, Date.now());
  }
  await watching;
  await gelf.close();
  return waits;
};

const inbox = z.array(z.object({ at: z.iso.datetime(), text: z.string() }));
const lookEveryMs = 100;
const giveUpMs = 60_000;

/** When a message came is what the mailbox says: how often it is looked at changes no figure. */
const watchMailbox = async (
  url: string,
  written: Map<string, number>,
  waits: number[],
  logs: number,
): Promise<void> => {
  const told = new Set<string>();
  let newest = Date.now();
  while (told.size < logs) {
    for (const { at, text } of inbox.parse(await (await fetch(`${url}/messages.json`)).json())) {
      for (const [user = ""] of text.matchAll(/user-\d+-end/g)) {
        const writtenAt = written.get(user);
        if (writtenAt === undefined || told.has(user)) continue;
        told.add(user);
        newest = Date.now();
        waits.push(Math.max(0, Date.parse(at) - writtenAt));
      }
    }
    if (Date.now() - newest > giveUpMs) throw new Error(`${logs - told.size} messages never came.`);
    await sleep(lookEveryMs);
  }
};
