// What every configuration store promises of single changes: one of two editors wins, and nobody takes what is another's.
import { expect, test } from "vitest";
import { me, openMine, other, rulesOf, rulesOfA, version } from "./configuration-suite-world.ts";
import { configuration, destination, job, type OpenStorage, rule, service, source } from "./suite-samples.ts";

export const configurationEditSuite = (open: OpenStorage): void => {
  test("a new thing has version 1, its next ones follow, and its times say when", async () => {
    const { configuration: store } = await open();
    expect(await store.put("sources", me, source, 0, 100)).toBe(true);
    expect(await store.find("sources", [source.id])).toEqual([
      { item: source, ownerId: me, version: 1, createdAt: 100, updatedAt: 100 },
    ]);
    const renamed = { ...source, name: "Renamed" };
    expect(await store.put("sources", me, renamed, 1, 200)).toBe(true);
    // Written again as it is, it is a change all the same: whoever wrote it holds the newest version.
    expect(await store.put("sources", me, renamed, 2, 300)).toBe(true);
    expect(await store.find("sources", [source.id])).toEqual([
      { item: renamed, ownerId: me, version: 3, createdAt: 100, updatedAt: 300 },
    ]);
  });

  test("a destination keeps whether it was agreed to", async () => {
    const { configuration: store } = await open();
    for (const [id, confirmedAt] of [
      ["asked", null],
      ["agreed", 150],
    ] as const)
      await store.put("destinations", me, destination(id, { confirmedAt }), 0, 100);
    const found = await store.find("destinations", ["asked", "agreed"]);
    expect(found.map(({ item }) => [item.id, item.confirmedAt])).toEqual([
      ["agreed", 150],
      ["asked", null],
    ]);
  });

  test("two editors at once: one wins, and the other is told", async () => {
    const storage = await openMine(open);
    const names = Array.from({ length: 6 }, (_, index) => `by editor ${index}`);
    const won = await Promise.all(
      names.map((name) => storage.configuration.put("services", me, { ...service, name }, 1, 200)),
    );
    expect(won.filter(Boolean).length).toBe(1);
    const [found] = await storage.configuration.find("services", [service.id]);
    expect([found?.version, found?.item.name]).toEqual([2, names[won.indexOf(true)]]);
  });

  test("two who make a thing of one id at once: one wins, and its owner keeps it", async () => {
    const storage = await open();
    const owners = [me, other, "third", "fourth"];
    const won = await Promise.all(owners.map((owner) => storage.configuration.put("sources", owner, source, 0, 1)));
    expect(won.filter(Boolean).length).toBe(1);
    const [found] = await storage.configuration.find("sources", [source.id]);
    expect([found?.ownerId, found?.version]).toEqual([owners[won.indexOf(true)], 1]);
  });

  test("another owner's thing, one that is gone and one that is there already are not written", async () => {
    const storage = await openMine(open);
    const { configuration: store } = storage;
    expect(await store.put("sources", other, { ...source, name: "Stolen" }, 1, 200)).toBe(false);
    expect(await store.put("sources", other, source, 0, 200)).toBe(false);
    expect(await store.put("sources", me, { ...source, id: "none" }, 1, 200)).toBe(false);
    expect(await store.putJob(other, job("a", { name: "Stolen" }), [], 1, 200)).toBe(false);
    expect(await store.find("sources", [source.id, "none"])).toMatchObject([{ ownerId: me, version: 1, item: source }]);
    expect([await version(storage), await rulesOf(storage)]).toEqual([
      1,
      [
        ["r1", "Rule r1"],
        ["r2", "Rule r2"],
      ],
    ]);
  });

  test("what refers to nothing is not written", async () => {
    const storage = await openMine(open);
    const { configuration: store } = storage;
    expect(await store.put("services", me, { ...service, sourceId: "none" }, 1, 200)).toBe(false);
    expect(await store.putJob(me, job("a", { serviceId: "none" }), rulesOfA, 1, 200)).toBe(false);
    expect(await store.putJob(me, job("b", { serviceId: "none" }), [], 0, 200)).toBe(false);
    const toNobody = [rule("r1", "a", { name: "New" }), rule("r3", "a", { destinationIds: ["mail", "none"] })];
    expect(await store.putJob(me, job("a", { name: "New" }), toNobody, 1, 200)).toBe(false);
    expect(await store.find("jobs", ["a", "b"])).toMatchObject([{ version: 1, item: { name: "Job a" } }]);
    expect(await rulesOf(storage)).toEqual([
      ["r1", "Rule r1"],
      ["r2", "Rule r2"],
    ]);
  });

  test("what is applied counts its changes too, and what stays the same keeps its version", async () => {
    const { configuration: store } = await open();
    const whole = configuration({
      jobs: [job("a"), job("b")],
      rules: [rule("r1", "a")],
      destinations: [destination("mail")],
    });
    await store.apply("watch", whole, 100);
    await store.apply("watch", whole, 200);
    const changed = {
      ...whole,
      jobs: [job("a"), job("b", { everyMs: 2000 })],
      rules: [rule("r1", "a", { severity: "critical" })],
    };
    await store.apply("watch", changed, 300);
    const versions = async (kind: "sources" | "jobs" | "rules" | "destinations") =>
      (await store.list(kind, { limit: 9 })).map((one) => [one.version, one.createdAt, one.updatedAt]);
    expect(await versions("sources")).toEqual([[1, 100, 100]]);
    expect(await versions("destinations")).toEqual([[1, 100, 100]]);
    // A job changes with its rules.
    expect(await versions("jobs")).toEqual([
      [2, 100, 300],
      [2, 100, 300],
    ]);
    expect(await versions("rules")).toEqual([[2, 100, 300]]);
  });
};
