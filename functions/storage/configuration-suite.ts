// What every configuration store promises: what is declared is there, what is gone is gone, and cursors survive.
import { expect, test } from "vitest";
import type { Configuration } from "./configuration.ts";
import type { Storage } from "./storage.ts";
import {
  commit,
  configuration,
  destination,
  job,
  type OpenStorage,
  rule,
  series,
  service,
  source,
  span,
} from "./suite-samples.ts";

const whole = configuration({
  jobs: [job("a"), job("b", { enabled: false, params: { text: "ä \"'\\ :x" } })],
  rules: [rule("r1", "a"), rule("r2", "b", { enabled: false, params: { deep: { list: [1, null, "x"] } } })],
  destinations: [
    destination("mail"),
    destination("chat", { enabled: false, address: { webhook: "" }, secret: "sealed" }),
  ],
});

/** Stores list things in an order of their own. */
const sortedById = (read: Configuration): Configuration => {
  const sort = <Item extends { id: string }>(items: readonly Item[]): Item[] =>
    [...items].sort((left, right) => (left.id < right.id ? -1 : 1));
  return {
    sources: sort(read.sources),
    services: sort(read.services),
    jobs: sort(read.jobs),
    rules: sort(read.rules),
    destinations: sort(read.destinations),
  };
};
const read = async ({ configuration: store }: Storage, managedBy?: string) => sortedById(await store.read(managedBy));
const stand = async ({ jobs }: Storage, id: string) =>
  (await jobs.find([id])).map((one) => [one.cursor, one.sentTo])[0];

export const configurationSuite = (open: OpenStorage): void => {
  test("what is applied is read back, as often as it is applied", async () => {
    const storage = await open();
    expect(await read(storage)).toEqual(configuration({ sources: [], services: [] }));
    for (let time = 0; time < 3; time += 1) {
      await storage.configuration.apply("file", whole);
      expect(await read(storage)).toEqual(sortedById(whole));
    }
  });

  test("one thing is found by its id", async () => {
    const storage = await open();
    await storage.configuration.apply("file", whole);
    expect(await storage.configuration.source("graylog")).toEqual(source);
    expect(await storage.configuration.source("none")).toBeUndefined();
    const found = await storage.configuration.destinations(["chat", "none", "mail"]);
    expect(found.map((one) => one.id).sort()).toEqual(["chat", "mail"]);
    expect(await storage.configuration.destinations([])).toEqual([]);
  });

  test("what is no longer declared is removed, what changed is changed", async () => {
    const storage = await open();
    await storage.configuration.apply("file", whole);
    const next = configuration({
      services: [{ ...service, filter: "service:sshd" }],
      jobs: [job("a", { name: "Renamed" }), job("c")],
      rules: [rule("r1", "a", { severity: "critical" })],
    });
    await storage.configuration.apply("file", next);
    expect(await read(storage)).toEqual(sortedById(next));
    expect((await storage.jobs.find(["a", "b"])).map(({ id, filter }) => [id, filter])).toEqual([
      ["a", "service:sshd"],
    ]);
  });

  test("a job keeps its cursor and its open claims through any change but that of its interval", async () => {
    const storage = await open();
    await storage.configuration.apply("file", configuration({ jobs: [job("a"), job("b")] }));
    await storage.jobs.claim(
      ["a", "b"].map((jobId) => ({ jobId, from: 10_000, to: 12_000 })),
      "c",
      1,
    );
    const changed = { name: "New", windowMs: 9000, delayMs: 700, startAt: 99_000, params: {} };
    await storage.configuration.apply(
      "file",
      configuration({ jobs: [job("a", changed), job("b", { everyMs: 2000 })] }),
    );
    expect([await stand(storage, "a"), await stand(storage, "b")]).toEqual([
      [12_000, 10_000],
      [10_000, 10_000],
    ]);
    expect((await storage.jobs.due(13_699, 10)).map((one) => one.id)).toEqual(["b"]);
    expect((await storage.jobs.due(13_700, 10)).map((one) => one.id)).toEqual(["b", "a"]);
    expect((await storage.jobs.abandoned(5, 10)).map((one) => one.id)).toEqual(["a"]);
    const off = configuration({ jobs: [job("a", { enabled: false }), job("b")] });
    await storage.configuration.apply("file", off);
    await storage.configuration.apply("file", configuration({ jobs: [job("a")] }));
    expect(await stand(storage, "a")).toEqual([12_000, 10_000]);
  });

  test("a job that was removed and comes again starts anew, and so does a rule", async () => {
    const storage = await open();
    const declared = configuration({ jobs: [job("a")], rules: [rule("r1", "a")] });
    await storage.configuration.apply("file", declared);
    await storage.jobs.claim([{ jobId: "a", from: 10_000, to: 12_000 }], "c", 1);
    await storage.ruleStates.commit([commit("r1", 12_000, { upserts: [series("f", "r1")] })]);
    await storage.configuration.apply("file", configuration());
    await storage.configuration.apply("file", declared);
    expect(await stand(storage, "a")).toEqual([10_000, 10_000]);
    expect(await storage.jobs.abandoned(100, 10)).toEqual([]);
    expect(await storage.ruleStates.load(["a"])).toMatchObject([{ evaluatedTo: null, tracked: [] }]);
  });

  test("a job that was removed leaves no coverage, nor do answers that came after it; others keep theirs", async () => {
    const storage = await open();
    const declared = configuration({ jobs: [job("a"), job("b")] });
    const covered = async () =>
      (await Promise.all(["a", "b"].map((id) => storage.coverage.read(id, 0, 100_000)))).flat();
    await storage.configuration.apply("file", declared);
    await storage.coverage.record(["a", "b"].map((id) => span(id, 10_000, 11_000)));
    await storage.configuration.apply("file", configuration({ jobs: [job("b", { name: "New", everyMs: 2000 })] }));
    expect(await covered()).toEqual([span("b", 10_000, 11_000)]);
    await storage.coverage.record([span("a", 11_000, 12_000)]);
    await storage.configuration.apply("file", declared);
    expect(await covered()).toEqual([span("b", 10_000, 11_000)]);
  });

  test("a rule that was removed while it was judged starts anew all the same when it comes again", async () => {
    const storage = await open();
    const declared = configuration({ jobs: [job("a")], rules: [rule("r1", "a")] });
    await storage.configuration.apply("file", declared);
    await storage.configuration.apply("file", configuration());
    await storage.ruleStates.commit([commit("r1", 12_000, { upserts: [series("f", "r1")] })]);
    await storage.configuration.apply("file", declared);
    expect(await storage.ruleStates.load(["a"])).toMatchObject([{ evaluatedTo: null, tracked: [] }]);
  });

  test("a changed rule keeps what it remembers", async () => {
    const storage = await open();
    await storage.configuration.apply("file", configuration({ jobs: [job("a")], rules: [rule("r1", "a")] }));
    await storage.ruleStates.commit([commit("r1", 12_000, { upserts: [series("f", "r1")] })]);
    const rules = [rule("r1", "a", { name: "New" })];
    await storage.configuration.apply("file", configuration({ jobs: [job("a")], rules }));
    expect(await storage.ruleStates.load(["a"])).toMatchObject([
      { rule: { name: "New" }, evaluatedTo: 12_000, tracked: [{ fingerprint: "f" }] },
    ]);
  });

  test("two owners keep to their own: each may refer to the other's things, none may take or remove them", async () => {
    const storage = await open();
    await storage.configuration.apply("file", configuration({ jobs: [job("a")] }));
    const mine = { ...configuration({ jobs: [job("mine")], rules: [rule("r", "a")] }), sources: [], services: [] };
    await storage.configuration.apply("api", mine);
    expect(await read(storage, "api")).toEqual(mine);
    await storage.configuration.apply("api", { ...mine, jobs: [], rules: [] });
    expect((await read(storage)).jobs.map((one) => one.id)).toEqual(["a"]);
    await expect(storage.configuration.apply("api", { ...mine, jobs: [job("a")] })).rejects.toThrow(
      'The id "a" (jobs) is already declared by "file".',
    );
  });

  test.each([
    ["Two jobs have the id", { jobs: [job("x"), job("x")] }],
    ['names source "none", which does not exist', { services: [service, { ...service, id: "s", sourceId: "none" }] }],
    ['names service "none", which does not exist', { jobs: [job("x", { serviceId: "none" })] }],
    ['names job "none", which does not exist', { jobs: [job("a")], rules: [rule("x", "none")] }],
  ])("what cannot be stored is told (%s) and changes nothing", async (words, over) => {
    const storage = await open();
    await storage.configuration.apply("file", whole);
    await expect(storage.configuration.apply("file", configuration(over))).rejects.toThrow(words);
    expect(await read(storage)).toEqual(sortedById(whole));
  });

  test("what was read may be changed by its reader without changing what is stored", async () => {
    const storage = await open();
    await storage.configuration.apply("file", configuration({ jobs: [job("a")] }));
    const [first] = (await storage.configuration.read()).jobs;
    if (first) first.name = "Mine";
    expect((await read(storage)).jobs[0]?.name).toBe("Job a");
  });
};
