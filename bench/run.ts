// `npm run bench -- NAME`: runs one benchmark and prints its table. Figures are ratios against a peer in the same run, with their spread.
import { api } from "./api.ts";
import { bundles } from "./bundles.ts";
import { evaluations } from "./evaluations.ts";
import { latency } from "./latency.ts";

const benchmarks: Record<string, (args: string[]) => Promise<void>> = { api, bundles, evaluations, latency };

const usage = `Usage: npm run bench -- NAME [flags]

  api           reads with session and access check, beside FastAPI        --seconds N --rounds N --connections N --json
  bundles       size and cold import of each step's Lambda                 --rounds N --json
  evaluations   job evaluations per second and core, beside ElastAlert 2   --jobs N --seconds N --rounds N --json
  latency       from a log written to its message in the mailbox           --logs N --json`;

const main = async (): Promise<void> => {
  const [name = "", ...args] = process.argv.slice(2);
  const benchmark = Object.hasOwn(benchmarks, name) ? benchmarks[name] : undefined;
  if (!benchmark) {
    console.log(usage);
    process.exitCode = name === "" || name === "--help" ? 0 : 1;
    return;
  }
  process.env.AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED ??= "true";
  await benchmark(args);
};

main().catch((error: unknown) => {
  console.error(error instanceof Error ? error.message : String(error));
  process.exitCode = 1;
});
