// What every configuration store promises of jobs that are turned off and on: they go on from now, and say what they missed.
import { expect, test } from "vitest";
import { me, openMine, other, rulesOfA, stand, version } from "./configuration-suite-world.ts";
import { job, type OpenStorage, service, span } from "./suite-samples.ts";

export const configurationEnableSuite = (open: OpenStorage): void => {
  test("a job that was off goes on from now, and the time between is missing with its reason", async () => {
    const storage = await openMine(open);
    const { configuration: store, coverage } = storage;
    await storage.jobs.claim([{ jobId: "a", from: 10_000, to: 12_000 }], "c", 1);
    await storage.jobs.confirm("c");
    await coverage.record([span("a", 10_000, 12_000)]);
    expect(await store.setJobEnabled("a", false, 1, 12_500)).toBe(true);
    expect(await storage.jobs.due(100_000, 10)).toEqual([]);
    expect(await store.setJobEnabled("a", true, 2, 20_300)).toBe(true);
    expect(await stand(storage, "a")).toEqual([20_000, 20_000]);
    expect(await storage.jobs.due(21_199, 10)).toEqual([]);
    expect((await storage.jobs.due(21_200, 10)).map((one) => one.id)).toEqual(["a"]);
    expect(await coverage.read("a", 0, 100_000)).toEqual([
      span("a", 10_000, 12_000),
      span("a", 12_000, 20_000, { state: "missing", reason: "not asked: the job was turned off" }),
    ]);
    expect(await version(storage)).toBe(3);
  });

  test("it is the same when it is turned off and on by whoever edits it", async () => {
    const storage = await openMine(open);
    await storage.configuration.putJob(me, job("a", { enabled: false }), rulesOfA, 1, 10_100);
    await storage.configuration.putJob(me, job("a"), rulesOfA, 2, 15_900);
    expect(await stand(storage, "a")).toEqual([15_000, 15_000]);
    expect(await storage.coverage.read("a", 0, 100_000)).toMatchObject([
      { from: 10_000, to: 15_000, state: "missing" },
    ]);
  });

  test("turning on what is on moves nothing, and neither does turning off and on within one interval", async () => {
    const storage = await openMine(open);
    expect(await storage.configuration.setJobEnabled("a", true, null, 50_000)).toBe(true);
    expect(await stand(storage, "a")).toEqual([10_000, 10_000]);
    await storage.configuration.setJobEnabled("a", false, null, 10_200);
    await storage.configuration.setJobEnabled("a", true, null, 10_900);
    expect(await stand(storage, "a")).toEqual([10_000, 10_000]);
    expect(await storage.coverage.read("a", 0, 100_000)).toEqual([]);
  });

  test("a job that changed meanwhile, or is gone, is not turned off", async () => {
    const storage = await openMine(open);
    expect(await storage.configuration.setJobEnabled("a", false, 2, 200)).toBe(false);
    expect(await storage.configuration.setJobEnabled("none", false, null, 200)).toBe(false);
    expect((await storage.configuration.find("jobs", ["a"]))[0]).toMatchObject({ version: 1, item: { enabled: true } });
  });

  test("one owner's jobs on one service are turned off, and no others", async () => {
    const storage = await openMine(open);
    const { configuration: store } = storage;
    await store.put("services", me, { ...service, id: "dns" }, 0, 100);
    await store.putJob(me, job("b", { serviceId: "dns" }), [], 0, 100);
    await store.putJob(me, job("off", { enabled: false }), [], 0, 100);
    await store.putJob(other, job("c"), [], 0, 100);
    expect(await store.disableJobs({ ownerId: me, serviceId: service.id }, 200)).toBe(1);
    const jobs = await store.list("jobs", { limit: 9 });
    expect(jobs.map(({ item, version }) => [item.id, item.enabled, version])).toEqual([
      ["a", false, 2],
      ["b", true, 1],
      ["c", true, 1],
      ["off", false, 1],
    ]);
  });
};
