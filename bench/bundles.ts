// Benchmark: the Lambda bundle of each step, as deployed: minified size, and how long a new process takes to import it. What a route
// loads only when it is called (bcryptjs) lies in a chunk of its own and is not counted to the import.
import { execFile } from "node:child_process";
import { existsSync, mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs, promisify } from "node:util";
import { build, type Metafile } from "esbuild";
import * as z from "zod";
import { type Figure, figureOf } from "./figures.ts";

const options = z.object({
  rounds: z.coerce.number().int().min(1).max(100).default(11),
  json: z.boolean().default(false),
});

/** Floor of the design. */
const floor = { sizeKb: 600, importMs: 60 };

const functions = fileURLToPath(new URL("../functions/", import.meta.url));
/** Packages that are CommonJS ask for built-in modules this way. */
const banner = "import{createRequire as r}from'node:module';const require=r(import.meta.url);";

type Bundle = { step: string; sizeKb: number; later: string[]; importMs: Figure };

export const bundles = async (args: string[]): Promise<void> => {
  const { values } = parseArgs({ args, options: { rounds: { type: "string" }, json: { type: "boolean" } } });
  const { rounds, json } = options.parse(values);
  const folder = mkdtempSync(join(tmpdir(), "logwatch-bundles-"));
  try {
    const steps = readdirSync(functions).filter((name) => existsSync(join(functions, name, "handler.ts")));
    const all: Bundle[] = [];
    for (const step of steps) all.push(await bundleOf(step, join(folder, step), rounds));
    const over = all.filter(({ sizeKb, importMs }) => sizeKb > floor.sizeKb || importMs.median > floor.importMs);
    if (over.length > 0) process.exitCode = 1;
    console.log(json ? JSON.stringify({ floor, bundles: all }) : write(all));
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
};

const bundleOf = async (step: string, outdir: string, rounds: number): Promise<Bundle> => {
  const { metafile } = await build({
    entryPoints: { index: join(functions, step, "handler.ts") },
    outdir,
    outExtension: { ".js": ".mjs" },
    bundle: true,
    minify: true,
    splitting: true,
    metafile: true,
    format: "esm",
    platform: "node",
    target: "node20",
    mainFields: ["module", "main"],
    conditions: ["module"],
    banner: { js: banner },
    loader: { ".mmdb": "file" },
    logLevel: "error",
  });
  const { atOnce, later } = filesOf(metafile);
  const file = join(outdir, "index.mjs");
  const measured: number[] = [];
  for (let round = 0; round < rounds; round += 1) measured.push(await importMs(file));
  return { step, sizeKb: Math.round(atOnce / 1024), later, importMs: figureOf(measured) };
};

/** Bytes that the entry imports at once, and the packages that only an `import()` loads. */
const filesOf = ({ outputs }: Metafile): { atOnce: number; later: string[] } => {
  const entry = Object.entries(outputs).find(([, one]) => one.entryPoint?.endsWith("handler.ts"))?.[0] ?? "";
  const atOnce = new Set<string>();
  const visit = (file: string): void => {
    if (atOnce.has(file)) return;
    atOnce.add(file);
    for (const one of outputs[file]?.imports ?? [])
      if (one.kind === "import-statement" && outputs[one.path]) visit(one.path);
  };
  visit(entry);
  const packages = Object.entries(outputs)
    .filter(([file]) => !atOnce.has(file))
    .flatMap(([, one]) =>
      Object.keys(one.inputs).flatMap((input) => /node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(input)?.[1] ?? []),
    );
  const bytes = [...atOnce].reduce((sum, file) => sum + (outputs[file]?.bytes ?? 0), 0);
  return { atOnce: bytes, later: [...new Set(packages)].sort() };
};

/** Of the import alone, in a process that has loaded nothing else. */
const importMs = async (file: string): Promise<number> => {
  const program = `const t=performance.now();await import(${JSON.stringify(file)});console.log(performance.now()-t);process.exit(0)`;
  const env = { ...process.env, AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED: "true" };
  const { stdout } = await promisify(execFile)(process.execPath, ["--input-type=module", "--eval", program], { env });
  return Number(stdout.trim().split("\n").at(-1));
};

const write = (all: readonly Bundle[]): string =>
  [
    `Bundles, minified; import on Node ${process.versions.node}: median (least–most). Floor ${floor.sizeKb} KB, ${floor.importMs} ms`,
    ...all.map(({ step, sizeKb, importMs: ms, later }) => {
      const time = `${ms.median.toFixed(0)} (${ms.min.toFixed(0)}–${ms.max.toFixed(0)}) ms`;
      return `${step.padEnd(10)}${String(sizeKb).padStart(6)} KB   ${time}${later.length === 0 ? "" : `   later: ${later.join(", ")}`}`;
    }),
  ].join("\n");
