// The server that the benchmark of the API calls: the production handler behind the gateway's stand-in, its stores on SQLite in this
// process, a thousand jobs and one user. Prints its address and the cookie to call it with, as one line of JSON.
import { mkdtempSync, rmSync } from "node:fs";
import { createServer } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ulid } from "ulid";
import { apiHandler } from "../functions/api/handler.ts";
import { readConfig } from "../functions/lib/config.ts";
import { openLog } from "../functions/lib/log.ts";
import { openApiStorage } from "../functions/storage/api-storage.ts";
import { migrate } from "../functions/storage/migrate.ts";
import { newSecret, secretHash } from "../functions/storage/sessions-secret.ts";
import { job, service, source } from "../functions/storage/suite-samples.ts";
import { apiGateway } from "../simulators/cloud/api-gateway.ts";
import { createFaults } from "../simulators/cloud/faults.ts";
import { openRedis } from "../simulators/cloud/redis.ts";
import { openInProcessDb } from "./in-process-db.ts";

const jobs = 1000;

const main = async (): Promise<void> => {
  const folder = mkdtempSync(join(tmpdir(), "logwatch-bench-api-"));
  process.once("exit", () => rmSync(folder, { recursive: true, force: true }));
  process.once("SIGTERM", () => process.exit(0));
  const db = openInProcessDb(join(folder, "api.db"));
  await migrate(db);
  const redis = openRedis(createFaults());
  const storage = openApiStorage(db, redis);
  const now = Date.now();
  const user = await storage.users.create({
    id: ulid(),
    email: "user001@example.com",
    name: "user001",
    passwordHash: "none",
    at: now,
  });
  if (!user) throw new Error("No user.");
  const secret = newSecret();
  const from = { userId: user.id, passwordHash: "none", at: now, address: "127.0.0.1", agent: "bench" };
  await storage.sessions.create({ id: ulid(), tokenHash: secretHash(secret), ...from });
  await storage.configuration.put("sources", user.id, source, 0, now);
  await storage.configuration.put("services", user.id, service, 0, now);
  await storage.members.put(service.id, user.id, "owner", now);
  for (let index = 0; index < jobs; index += 1)
    await storage.configuration.putJob(user.id, job(`job${index}`, { ownerId: user.id, startAt: now }), [], 0, now);
  const config = readConfig({
    LOGWATCH_SECRETS_KEY: Buffer.alloc(32, 1).toString("base64"),
    LOGWATCH_REQUESTS_PER_USER: "100000000",
    LOGWATCH_REQUESTS_PER_ADDRESS: "100000000",
  });
  const log = openLog("warn");
  const gateway = apiGateway(
    apiHandler({ storage, redis, emit: async () => undefined, now: Date.now, log, config, status: {} }),
  );
  const server = createServer((req, res) => void gateway(req, res));
  server.listen(0, "127.0.0.1", () => {
    const address = server.address();
    const port = address !== null && typeof address === "object" ? address.port : 0;
    console.log(
      JSON.stringify({ url: `http://127.0.0.1:${port}/api/jobs/job500`, cookie: `__Host-logwatch=${secret}` }),
    );
  });
};

await main();
