// What every configuration store promises of lists: in order, page by page, narrowed to what is asked.
import { expect, test } from "vitest";
import { me, openMine, other } from "./configuration-suite-world.ts";
import { configuration, job, type OpenStorage, rule, service, source } from "./suite-samples.ts";

export const configurationListSuite = (open: OpenStorage): void => {
  test("a list is in order of id, page by page, and narrowed to what is asked", async () => {
    const { configuration: store } = await openMine(open);
    await store.put("services", other, { ...service, id: "dns" }, 0, 100);
    await store.putJob(other, job("c", { serviceId: "dns" }), [rule("rc", "c")], 0, 100);
    await store.putJob(me, job("b"), [rule("rb", "b", { destinationIds: ["mail", "chat"] })], 0, 100);
    const jobs = async (query: { serviceIds?: string[]; ownerIds?: string[]; after?: string; limit?: number }) =>
      (await store.list("jobs", { limit: 9, ...query })).map(({ item }) => item.id);
    expect(await jobs({})).toEqual(["a", "b", "c"]);
    expect(await jobs({ limit: 2 })).toEqual(["a", "b"]);
    expect(await jobs({ after: "b" })).toEqual(["c"]);
    expect(await jobs({ ownerIds: [me] })).toEqual(["a", "b"]);
    expect(await jobs({ ownerIds: [me, other], serviceIds: ["dns"] })).toEqual(["c"]);
    expect(await jobs({ serviceIds: [] })).toEqual([]);
    expect(await jobs({ limit: 0 })).toEqual([]);
    const rules = async (query: { jobIds?: string[]; destinationId?: string }) =>
      (await store.list("rules", { limit: 9, ...query })).map(({ item }) => item.id);
    expect(await rules({ jobIds: ["a", "c"] })).toEqual(["r1", "r2", "rc"]);
    expect(await rules({ destinationId: "chat" })).toEqual(["r2", "rb"]);
    expect(await rules({ destinationId: "chat", jobIds: ["a"] })).toEqual(["r2"]);
    const ofSource = await store.list("services", { sourceIds: [source.id], ids: ["dns", "none"], limit: 9 });
    expect(ofSource.map(({ item }) => item.id)).toEqual(["dns"]);
  });

  test("very many ids at once are found, each once and in order", async () => {
    const storage = await open();
    const ids = Array.from({ length: 1200 }, (_, index) => `j${10_000 + index}`);
    await storage.configuration.apply("file", configuration({ jobs: ids.map((id) => job(id)) }));
    const found = await storage.configuration.find("jobs", [...ids].reverse().concat(ids.slice(0, 5)));
    expect(found.map(({ item }) => item.id)).toEqual(ids);
    const listed = await storage.configuration.list("jobs", { ids: [...ids].reverse(), after: "j10002", limit: 400 });
    expect(listed.map(({ item }) => item.id)).toEqual(ids.slice(3, 403));
  });

  test("what was read may be changed by its reader without changing what is stored", async () => {
    const { configuration: store } = await openMine(open);
    const [found] = await store.find("destinations", ["mail"]);
    if (found) found.item.name = "Mine";
    expect((await store.list("destinations", { limit: 9 })).map(({ item }) => item.name)).toEqual([
      "To chat",
      "To mail",
    ]);
  });
};
