// What every configuration store promises of removing: what is in use stays, what goes takes its own along.
import { expect, test } from "vitest";
import {
  me,
  openMine,
  other,
  remember,
  remembered,
  rulesOf,
  rulesOfA,
  stand,
  version,
} from "./configuration-suite-world.ts";
import { configuration, destination, job, type OpenStorage, rule, service, source, span } from "./suite-samples.ts";

export const configurationRemoveSuite = (open: OpenStorage): void => {
  test("what is in use stays until nothing uses it any more", async () => {
    const storage = await openMine(open);
    const { configuration: store } = storage;
    const tried = () =>
      Promise.all([
        store.remove("sources", source.id, null),
        store.remove("services", service.id, 1),
        store.remove("destinations", "chat", 1),
      ]);
    expect(await tried()).toEqual(["in-use", "in-use", "in-use"]);
    await store.putJob(me, job("a"), [rule("r1", "a")], 1, 200);
    expect(await store.remove("destinations", "chat", 1)).toBe("removed");
    expect(await store.remove("destinations", "mail", 1)).toBe("in-use");
    expect(await store.remove("jobs", "a", 2)).toBe("removed");
    expect(await store.remove("destinations", "mail", 1)).toBe("removed");
    expect(await store.remove("services", service.id, 1)).toBe("removed");
    expect(await store.remove("sources", source.id, null)).toBe("removed");
    expect(await store.read()).toEqual({ sources: [], services: [], jobs: [], rules: [], destinations: [] });
  });

  test("what was applied by file is in use as well", async () => {
    const { configuration: store } = await open();
    const whole = configuration({ jobs: [job("a")], rules: [rule("r", "a")], destinations: [destination("mail")] });
    await store.apply("watch", whole);
    expect(await store.remove("destinations", "mail", null)).toBe("in-use");
    await store.apply("watch", { ...whole, rules: [rule("r", "a", { destinationIds: [] })] });
    expect(await store.remove("destinations", "mail", null)).toBe("removed");
  });

  test("what changed meanwhile, or is gone, is not removed", async () => {
    const storage = await openMine(open);
    await storage.configuration.put("destinations", me, destination("free"), 0, 100);
    for (const kind of ["sources", "services", "jobs", "rules", "destinations"] as const)
      expect(await storage.configuration.remove(kind, "none", null)).toBe("changed");
    for (const [kind, id] of [
      ["jobs", "a"],
      ["rules", "r1"],
      ["destinations", "free"],
      ["sources", source.id],
    ] as const)
      expect(await storage.configuration.remove(kind, id, 7)).toBe("changed");
    expect([await version(storage), (await rulesOf(storage)).length]).toEqual([1, 2]);
  });

  test("a job goes with its rules, what they remember, its coverage and its claims", async () => {
    const storage = await openMine(open);
    await storage.configuration.putJob(me, job("b"), [rule("rb", "b")], 0, 100);
    for (const id of ["r1", "rb"]) await remember(storage, id);
    await storage.coverage.record(["a", "b"].map((id) => span(id, 10_000, 11_000)));
    await storage.jobs.claim(
      ["a", "b"].map((jobId) => ({ jobId, from: 10_000, to: 11_000 })),
      "c",
      1,
    );
    expect(await storage.configuration.remove("jobs", "a", 1)).toBe("removed");
    expect([await rulesOf(storage), await rulesOf(storage, "b")]).toEqual([[], [["rb", "Rule rb"]]]);
    expect(await storage.coverage.read("a", 0, 100_000)).toEqual([]);
    expect((await storage.jobs.abandoned(1000, 10)).map((one) => one.id)).toEqual(["b"]);
    // The same ids again know nothing of what was.
    await storage.configuration.putJob(me, job("a"), rulesOfA, 0, 300);
    expect([await stand(storage, "a"), await remembered(storage)]).toEqual([
      [10_000, 10_000],
      [
        ["r1", null, 0],
        ["r2", null, 0],
      ],
    ]);
    expect(await remembered(storage, "b")).toEqual([["rb", 12_000, 1]]);
  });

  test("a rule that is removed alone is a change of its job", async () => {
    const storage = await openMine(open);
    await remember(storage, "r1");
    expect(await storage.configuration.remove("rules", "r1", 1)).toBe("removed");
    expect([await version(storage), await rulesOf(storage)]).toEqual([2, [["r2", "Rule r2"]]]);
    expect(await storage.configuration.putJob(me, job("a"), rulesOfA, 1, 200)).toBe(false);
    expect(await storage.configuration.putJob(me, job("a"), rulesOfA, 2, 200)).toBe(true);
    expect(await remembered(storage)).toEqual([
      ["r1", null, 0],
      ["r2", null, 0],
    ]);
  });

  test("of removing a thing and beginning to use it, at the same moment, one happens and the other is refused", async () => {
    for (let turn = 0; turn < 6; turn += 1) {
      const { configuration: store } = await openMine(open);
      await store.put("sources", me, { ...source, id: "free" }, 0, 100);
      await store.put("services", me, { ...service, id: "idle" }, 0, 100);
      await store.put("destinations", me, destination("unnamed"), 0, 100);
      const named = [rule("rb", "b", { destinationIds: ["unnamed"] })];
      const found = await Promise.all([
        store.remove("sources", "free", 1),
        store.put("services", me, { ...service, id: "s2", sourceId: "free" }, 0, 200),
        store.putJob(me, job("b"), named, 0, 200),
        store.remove("destinations", "unnamed", 1),
        store.remove("services", "idle", null),
        store.putJob(me, job("c", { serviceId: "idle" }), [], 0, 200),
      ]);
      expect([found[1], found[2], found[5]]).toEqual([found[0], found[3], found[4]].map((one) => one === "in-use"));
      const read = await store.read();
      const sources = new Set(read.sources.map((one) => one.id));
      const services = new Set(read.services.map((one) => one.id));
      const destinations = new Set(read.destinations.map((one) => one.id));
      expect(read.services.every((one) => sources.has(one.sourceId))).toBe(true);
      expect(read.jobs.every((one) => services.has(one.serviceId))).toBe(true);
      expect(read.rules.every((one) => one.destinationIds.every((id) => destinations.has(id)))).toBe(true);
    }
  });

  test("an owner goes with everything, and with what others built on it; the rest stays", async () => {
    const storage = await openMine(open);
    const { configuration: store } = storage;
    await store.put("sources", other, { ...source, id: "theirs" }, 0, 100);
    await store.put("services", other, { ...service, id: "theirs", sourceId: "theirs" }, 0, 100);
    await store.put("services", other, { ...service, id: "on-mine" }, 0, 100);
    await store.put("destinations", other, destination("theirs"), 0, 100);
    await store.putJob(
      other,
      job("t1", { serviceId: "theirs" }),
      [rule("t1", "t1", { destinationIds: ["theirs"] })],
      0,
      100,
    );
    await store.putJob(other, job("t2"), [rule("t2", "t2", { destinationIds: ["theirs"] })], 0, 100);
    await store.putJob(other, job("t3", { serviceId: "on-mine" }), [], 0, 100);
    await store.putJob(me, job("m", { serviceId: "theirs" }), [rule("m", "m")], 0, 100);
    for (const id of ["r1", "m", "t1"]) await remember(storage, id);
    await storage.coverage.record(["a", "t1"].map((id) => span(id, 10_000, 11_000)));
    await store.removeOwner(me);
    const left = await store.read();
    expect(Object.values(left).map((items) => items.map((one) => one.id))).toEqual([
      ["theirs"],
      ["theirs"],
      ["t1"],
      ["t1"],
      ["theirs"],
    ]);
    expect(await remembered(storage, "t1")).toEqual([["t1", 12_000, 1]]);
    expect([await storage.coverage.read("a", 0, 99_000), await storage.coverage.read("t1", 0, 99_000)]).toEqual([
      [],
      [span("t1", 10_000, 11_000)],
    ]);
    expect(await store.remove("destinations", "theirs", null)).toBe("in-use");
  });
};
