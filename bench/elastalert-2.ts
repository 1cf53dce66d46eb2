// The peer of `evaluations`: ElastAlert 2 (PyPI: elastalert2), run by the Python that has it, against a store that answers at once.
import { type ChildProcess, execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import * as z from "zod";

const peers = new URL("./peers/", import.meta.url);
const result = z.object({ evaluations: z.number(), seconds: z.number(), version: z.string() });

/** Evaluations per second of each round, or why the peer could not run. */
export type Peer = { ok: true; version: string; rounds: number[] } | { ok: false; why: string };

/** `LOGWATCH_PYTHON` names the Python that has it; `python3` when absent. */
export const runElastAlert = async (rounds: number, seconds: number): Promise<Peer> => {
  const python = process.env.LOGWATCH_PYTHON ?? "python3";
  const why = `ElastAlert 2 is not there: ${python} -m pip install elastalert2 (or LOGWATCH_PYTHON=… of the Python that has it)`;
  try {
    await promisify(execFile)(python, ["-c", "import elastalert"]);
  } catch {
    return { ok: false, why };
  }
  const stub = spawn(process.execPath, [fileURLToPath(new URL("elasticsearch-stub.mjs", peers))], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  try {
    const port = await firstLine(stub);
    const measured: z.infer<typeof result>[] = [];
    for (let round = 0; round < rounds; round += 1) {
      const script = fileURLToPath(new URL("elastalert2.py", peers));
      const { stdout } = await promisify(execFile)(python, [script, port, String(seconds)]);
      measured.push(result.parse(JSON.parse(stdout.trim().split("\n").at(-1) ?? "")));
    }
    return {
      ok: true,
      version: measured[0]?.version ?? "",
      rounds: measured.map((one) => one.evaluations / one.seconds),
    };
  } finally {
    stub.kill();
  }
};

const firstLine = async (child: ChildProcess): Promise<string> => {
  if (!child.stdout) throw new Error("The store of the peer has no output.");
  const [chunk] = await once(child.stdout, "data");
  return String(chunk).trim();
};
