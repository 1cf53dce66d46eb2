// Services with their members over the SQL stand-in: made with an owner, named once, removed whole or not at all.
import { afterEach, expect, test } from "vitest";
import { createStorageOpener } from "../../simulators/cloud/aurora/test-storage.ts";
import { runJobId } from "../lib/runs.ts";
import { openApiStorage } from "./api-storage.ts";
import { makeUsers } from "./api-storage-samples.ts";
import * as samples from "./suite-samples.ts";

const opener = createStorageOpener();
afterEach(opener.closeAll);

const owner = "id-a";
const source = { ...samples.source, id: "source" };
const service = { ...samples.service, id: "service", sourceId: "source" };

const open = async () => {
  const opened = await opener.open();
  const storage = openApiStorage(opened.db, opened.redis);
  await makeUsers(storage, "a", "b");
  await storage.services.put("sources", owner, source, 0, 1);
  return { ...opened, storage };
};

test("a service comes with its maker as owner; without its source, or for nobody, nothing is written", async () => {
  const { storage } = await open();
  expect(await storage.services.put("services", owner, service, 0, 5)).toBe("done");
  expect(await storage.members.list("service", { limit: 9 })).toMatchObject([{ userId: owner, role: "owner" }]);
  const lost = { ...service, id: "lost", name: "lost", sourceId: "none" };
  expect(await storage.services.put("services", owner, lost, 0, 5)).toBe("changed");
  expect(await storage.services.put("services", "id-nobody", { ...service, id: "nobodys" }, 0, 5)).toBe("changed");
  expect(await storage.configuration.find("services", ["lost", "nobodys"])).toEqual([]);
});

test("a change needs the version it saw, and adds no member", async () => {
  const { storage } = await open();
  await storage.services.put("services", owner, service, 0, 5);
  await storage.members.put("service", "id-b", "owner", 6);
  await storage.members.remove("service", owner, 6);
  const changed = { ...service, name: "changed" };
  expect(await storage.services.put("services", owner, changed, 2, 7)).toBe("changed");
  expect(await storage.services.put("services", owner, changed, 1, 7)).toBe("done");
  expect(await storage.configuration.find("services", ["service"])).toMatchObject([
    { item: changed, version: 2, createdAt: 5, updatedAt: 7 },
  ]);
  expect(await storage.members.roleOf("service", owner)).toBeUndefined();
});

test("of many who take one name at once, one gets it, and the one who has it is not touched", async () => {
  const { storage } = await open();
  const ids = ["s1", "s2", "s3", "s4"];
  const puts = ids.map((id) => storage.services.put("services", owner, { ...service, id }, 0, 5));
  const done = await Promise.all(puts);
  expect(done.toSorted()).toEqual(["done", "name-taken", "name-taken", "name-taken"]);
  expect(await storage.configuration.list("services", { limit: 9 })).toMatchObject([{ version: 1 }]);
  const other = { ...service, id: "other", name: "other" };
  await storage.services.put("services", owner, other, 0, 5);
  const [taker] = await storage.configuration.list("services", { ids, limit: 9 });
  expect(await storage.services.put("services", owner, { ...other, name: service.name }, 1, 6)).toBe("name-taken");
  expect(await storage.configuration.find("services", ["other"])).toMatchObject([{ item: other, version: 1 }]);
  expect(taker).toMatchObject({ version: 1 });
  expect(await storage.services.put("sources", owner, { ...source, id: "second" }, 0, 5)).toBe("name-taken");
  expect(await storage.services.put("sources", "id-b", { ...source, id: "second" }, 0, 5)).toBe("done");
});

test("a service goes with its jobs, runs and what they measured, or stays as it was", async () => {
  const { storage, db } = await open();
  await storage.services.put("services", owner, service, 0, 5);
  const job = samples.job("job", { serviceId: "service", ownerId: owner });
  await storage.configuration.putJob(owner, job, [samples.rule("rule", "job", { destinationIds: [] })], 0, 5);
  const facts = { userId: owner, serviceId: "service", jobId: null, analysis: "log-search", params: {} };
  await storage.runs.create({ id: "r1", ...facts, window: { from: 0, to: 1000 }, requestedAt: 5 });
  await storage.measurements.append([samples.result(runJobId("r1"), 1000), samples.result("elsewhere", 1000)]);
  expect(await storage.services.remove("service", false)).toEqual({ state: "in-use", jobs: 1 });
  expect(await storage.configuration.find("services", ["service"])).toMatchObject([{ version: 1 }]);
  expect(await storage.services.remove("service", true)).toEqual({ state: "removed", jobs: 1 });
  for (const table of ["services", "service_members", "jobs", "rules", "runs"]) {
    expect([table, (await db.execute(`SELECT * FROM ${table}`)).rows]).toEqual([table, []]);
  }
  const { rows } = await db.execute("SELECT DISTINCT job_id FROM measurements");
  expect(rows).toEqual([{ job_id: "elsewhere" }]);
  expect(await storage.services.remove("service", true)).toEqual({ state: "gone", jobs: 0 });
});
