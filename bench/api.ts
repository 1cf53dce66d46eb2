// Benchmark: reads of the API with session and access check, beside FastAPI doing the same from SQLite: same machine, same client, in
// turns. Each server is one process; the client has the other core.
import { type ChildProcess, execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { parseArgs, promisify } from "node:util";
import autocannon from "autocannon";
import * as z from "zod";
import { type Figure, figureOf, writeFigure } from "./figures.ts";

const options = z.object({
  seconds: z.coerce.number().positive().max(600).default(5),
  rounds: z.coerce.number().int().min(1).max(50).default(5),
  connections: z.coerce.number().int().min(1).max(1000).default(20),
  json: z.boolean().default(false),
});

/** Times the peer, as the design asks. */
const floor = 5;
const aim = 10;

const ours = z.object({ url: z.url(), cookie: z.string() });
const peers = z.object({
  urls: z.tuple([z.url(), z.url(), z.url()]),
  cookie: z.string(),
  versions: z.tuple([z.string(), z.string(), z.string()]),
});

type Target = { name: string; url: string; cookie: string };

export const api = async (args: string[]): Promise<void> => {
  const text = { type: "string" as const };
  const { values } = parseArgs({
    args,
    options: { seconds: text, rounds: text, connections: text, json: { type: "boolean" } },
  });
  const given = options.parse(values);
  const children: ChildProcess[] = [];
  const folder = mkdtempSync(join(tmpdir(), "logwatch-bench-peer-"));
  try {
    const own = ours.parse(await started(children, process.execPath, ["--import", "tsx", pathOf("api-server.ts")]));
    const targets: Target[] = [{ name: "LogWatch", ...own }];
    const peer = await startPeer(children, join(folder, "peer.db"));
    if (peer) {
      const [documented, raw, fast] = peer.urls;
      const [fastApi, uvicorn, sqlModel] = peer.versions;
      const { cookie } = peer;
      targets.push({ name: `FastAPI ${fastApi}, uvicorn ${uvicorn}, SQLModel ${sqlModel}`, url: documented, cookie });
      targets.push({ name: "  the same with sqlite3 by hand", url: raw, cookie });
      targets.push({ name: "  by hand and async, without threads", url: fast, cookie });
    }
    print(await inTurns(targets, given), given);
  } finally {
    for (const child of children) child.kill("SIGTERM");
    rmSync(folder, { recursive: true, force: true });
  }
};

const pathOf = (file: string): string => fileURLToPath(new URL(file, import.meta.url));

/** The first line a server prints, which says where it is. */
const started = async (children: ChildProcess[], command: string, args: string[]): Promise<unknown> => {
  const child = spawn(command, args, { stdio: ["ignore", "pipe", "inherit"] });
  children.push(child);
  if (!child.stdout) throw new Error(`${command} has no output.`);
  const [line] = await once(createInterface(child.stdout), "line");
  return JSON.parse(String(line));
};

/** `LOGWATCH_PYTHON` names the Python that has FastAPI; undefined when it has not. */
const startPeer = async (children: ChildProcess[], file: string): Promise<z.infer<typeof peers> | undefined> => {
  const python = process.env.LOGWATCH_PYTHON ?? "python3";
  try {
    await promisify(execFile)(python, ["-c", "import fastapi, sqlmodel, uvicorn, uvloop, httptools"]);
  } catch {
    console.error(
      `The peer is not there: ${python} -m pip install fastapi sqlmodel 'uvicorn[standard]' (or LOGWATCH_PYTHON=…)`,
    );
    return undefined;
  }
  const peer = peers.parse(await started(children, python, [pathOf("peers/fastapi_app.py"), file]));
  await sleep(1000);
  return peer;
};

type Rounds = Map<string, number[]>;

/** Every target once a round, after a short warm-up of each. */
const inTurns = async (
  targets: Target[],
  { rounds, seconds, connections }: z.infer<typeof options>,
): Promise<Rounds> => {
  const measured: Rounds = new Map(targets.map(({ name }) => [name, []]));
  for (const target of targets) await load(target, 2, connections);
  for (let round = 0; round < rounds; round += 1)
    for (const target of targets) measured.get(target.name)?.push(await load(target, seconds, connections));
  return measured;
};

/** Answers per second. @throws when any of them was not a 200. */
const load = async ({ name, url, cookie }: Target, duration: number, connections: number): Promise<number> => {
  const result = await autocannon({ url, connections, duration, headers: { cookie } });
  if (result.non2xx + result.errors + result.timeouts > 0)
    throw new Error(`${name}: ${result.non2xx} answers were no 200.`);
  return result["2xx"] / result.duration;
};

const print = (measured: Rounds, given: z.infer<typeof options>): void => {
  const figures = [...measured].map(([name, rounds]) => ({ name, figure: figureOf(rounds) }));
  const [own, ...others] = figures;
  if (!own) throw new Error("Nothing was measured.");
  const ratios = others.map(({ figure }) => own.figure.median / figure.median);
  if ((ratios[0] ?? floor) < floor) process.exitCode = 1;
  if (given.json) {
    console.log(JSON.stringify({ ...given, figures, ratios, floor, aim }));
    return;
  }
  const width = Math.max(...figures.map(({ name }) => name.length));
  const rows = figures.map(({ name, figure }, index) => row(name.padEnd(width), figure, ratios[index - 1]));
  const { rounds, seconds, connections } = given;
  console.log(
    [
      `API reads a second, ${connections} connections, ${rounds} rounds of ${seconds} s: median (least–most)`,
      ...rows,
    ].join("\n"),
  );
  if (ratios[0] !== undefined) console.log(`Floor ${floor} ×, aim ${aim} × the peer as its documentation writes it.`);
};

const row = (name: string, figure: Figure, ratio: number | undefined): string =>
  `${name}   ${writeFigure(figure)}${ratio === undefined ? "" : `   LogWatch ${ratio.toFixed(1)} ×`}`;
