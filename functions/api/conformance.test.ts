// The API against its own OpenAPI document, by schemathesis (PyPI): all of its checks, signed in and not. Skipped, and said so, where
// schemathesis is not: set LOGWATCH_SCHEMATHESIS to its command, as `.ci/run` does.
import { spawn } from "node:child_process";
import { createServer, type Server } from "node:http";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { apiGateway } from "../../simulators/cloud/api-gateway.ts";
import { createApiOpener, type TestApi } from "../../simulators/stack/test-api.ts";
import { buildWorld, type World } from "../../simulators/stack/test-world.ts";

const command = process.env.LOGWATCH_SCHEMATHESIS;
const opener = createApiOpener();
let api: TestApi;
let world: World;
let server: Server;
let url: string;

beforeAll(async () => {
  if (command === undefined) return;
  api = await opener.open({ LOGWATCH_REQUESTS_PER_USER: "1000000", LOGWATCH_REQUESTS_PER_ADDRESS: "1000000" });
  world = await buildWorld(api);
  const gateway = apiGateway(api.handler);
  server = createServer((req, res) => void gateway(req, res));
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  url = `http://127.0.0.1:${address !== null && typeof address === "object" ? address.port : 0}/api/openapi.json`;
});
afterAll(async () => {
  server?.close();
  await opener.closeAll();
});

/** What ends the session or the token that calls; called last. */
const ending = ["signOut", "deleteMe", "revokeSession", "revokeToken", "changePassword", "updateUser", "deleteUser"];

const run = (flags: string[], credentials: Record<string, string>): Promise<{ code: number | null; output: string }> =>
  new Promise((resolve, reject) => {
    const config = fileURLToPath(new URL("schemathesis.toml", import.meta.url));
    const bounds = [
      "--checks",
      "all",
      "--seed",
      "1",
      "--max-examples",
      "8",
      "--max-failures",
      "20",
      "--warnings",
      "off",
    ];
    const args = ["--config-file", config, "run", url, ...bounds, ...flags];
    const child = spawn(command ?? "", args, {
      env: { ...process.env, ...credentials, NO_COLOR: "1" },
      cwd: api.file.replace(/[^/]*$/, ""),
    });
    let output = "";
    child.stdout.on("data", (chunk: Buffer) => (output += chunk));
    child.stderr.on("data", (chunk: Buffer) => (output += chunk));
    child.once("error", reject);
    child.once("close", (code) => resolve({ code, output }));
  });

const credentialsOf = (name: "owner" | "write token" | "admin") => {
  const { as } = world.callers[name];
  const session = as?.cookies[0]?.replace(/^[^=]*=/, "") ?? "";
  return { LOGWATCH_SESSION: session, LOGWATCH_TOKEN: (as?.headers.authorization ?? "").replace(/^Bearer /, "") };
};

const minutes = 60_000;

describe.skipIf(command === undefined)("schemathesis finds nothing", () => {
  test(
    "signed in as a user, with a session and a token",
    async () => {
      const { LOGWATCH_TOKEN } = credentialsOf("write token");
      const { LOGWATCH_SESSION } = credentialsOf("owner");
      const flags = ending.flatMap((id) => ["--exclude-operation-id", id]);
      const { code, output } = await run(flags, { LOGWATCH_TOKEN, LOGWATCH_SESSION });
      expect(code, output.slice(-20_000)).toBe(0);
    },
    8 * minutes,
  );

  test(
    "signed in as nobody",
    async () => {
      const wrong = { LOGWATCH_TOKEN: `lw_${"0".repeat(43)}`, LOGWATCH_SESSION: "A".repeat(43) };
      const { code, output } = await run(["--phases", "examples,coverage"], wrong);
      expect(code, output.slice(-20_000)).toBe(0);
    },
    8 * minutes,
  );

  test(
    "by what ends sessions and tokens, as an admin",
    async () => {
      const flags = ending.flatMap((id) => ["--include-operation-id", id]);
      const { code, output } = await run(flags, credentialsOf("admin"));
      expect(code, output.slice(-20_000)).toBe(0);
    },
    8 * minutes,
  );
});

test.skipIf(command !== undefined)("schemathesis is not there: set LOGWATCH_SCHEMATHESIS to its command", () => {
  expect(command).toBeUndefined();
});
