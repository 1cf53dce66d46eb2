// Benchmark: job evaluations per second and core through the embedded pipeline. The source answers at once; everything else is
// real: claims, Kafka, the event source mappings, alert states, history, coverage and snapshots, each in its store.
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import * as z from "zod";
import { runElastAlert } from "./elastalert-2.ts";
import { type Figure, figureOf, writeFigure } from "./figures.ts";
import { openPipeline } from "./instant-pipeline.ts";

const options = z.object({
  jobs: z.coerce.number().int().min(1).max(50_000).default(500),
  seconds: z.coerce.number().positive().max(600).default(5),
  rounds: z.coerce.number().int().min(1).max(50).default(5),
  json: z.boolean().default(false),
});

/** Floor and aim of the design, per second and core. */
const floor = 2000;
const aim = 7000;

export const evaluations = async (args: string[]): Promise<void> => {
  const text = { type: "string" as const };
  const { values } = parseArgs({
    args,
    options: { jobs: text, seconds: text, rounds: text, json: { type: "boolean" } },
  });
  const { jobs, seconds, rounds, json } = options.parse(values);
  const measured = await measure(jobs, seconds, rounds);
  const peer = await runElastAlert(rounds, seconds);
  const ours = {
    perSecond: figureOf(measured.map((one) => one.perSecond)),
    perCore: figureOf(measured.map((one) => one.perCore)),
  };
  const ratio = peer.ok ? ratioOf(ours.perCore, figureOf(peer.rounds)) : null;
  if (json) return console.log(JSON.stringify({ jobs, seconds, rounds, ours, peer, ratio, floor, aim }));
  const rows = [
    `LogWatch, per second            ${writeFigure(ours.perSecond)}`,
    `LogWatch, per second and core   ${writeFigure(ours.perCore)}   floor ${floor}, aim ${aim}`,
    peer.ok
      ? `ElastAlert ${peer.version}, per second    ${writeFigure(figureOf(peer.rounds))}`
      : `ElastAlert 2                    not run: ${peer.why}`,
    ...(ratio ? [`Ratio per core                  ${writeRatio(ratio)}`] : []),
  ];
  console.log([`Evaluations, ${jobs} jobs, ${rounds} rounds of ${seconds} s: median (least–most)`, ...rows].join("\n"));
  if (ours.perCore.median < floor) process.exitCode = 1;
};

type Round = { perSecond: number; perCore: number };

const measure = async (jobs: number, seconds: number, rounds: number): Promise<Round[]> => {
  const folder = mkdtempSync(join(tmpdir(), "logwatch-bench-"));
  const pipeline = await openPipeline(folder, jobs);
  try {
    // The first slots warm the machine up and are not counted.
    await pipeline.runFor(Math.min(seconds, 2) * 1000);
    const measured: Round[] = [];
    for (let round = 0; round < rounds; round += 1) {
      const cpuBefore = process.cpuUsage();
      const begun = performance.now();
      const evaluated = await pipeline.runFor(seconds * 1000);
      const { user, system } = process.cpuUsage(cpuBefore);
      const tookSeconds = (performance.now() - begun) / 1000;
      measured.push({ perSecond: evaluated / tookSeconds, perCore: evaluated / ((user + system) / 1_000_000) });
    }
    return measured;
  } finally {
    await pipeline.close();
    rmSync(folder, { recursive: true });
  }
};

const ratioOf = (ours: Figure, theirs: Figure): Figure => ({
  min: ours.min / theirs.max,
  median: ours.median / theirs.median,
  max: ours.max / theirs.min,
});

const writeRatio = ({ min, median, max }: Figure): string =>
  `${median.toFixed(1)} × (${min.toFixed(1)}–${max.toFixed(1)})`;
