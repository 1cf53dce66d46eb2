// What the suites of single changes begin with, and how they look at what is there.
import type { Storage } from "./storage.ts";
import { commit, destination, job, type OpenStorage, rule, series, service, source } from "./suite-samples.ts";

export const me = "01J0000000000000000000000A";
export const other = "01J0000000000000000000000B";

/** A source, a service, two destinations and one job with two rules, all of `me`, all at version 1. */
export const openMine = async (open: OpenStorage): Promise<Storage> => {
  const storage = await open();
  const { configuration: store } = storage;
  await store.put("sources", me, source, 0, 100);
  await store.put("services", me, service, 0, 100);
  for (const id of ["mail", "chat"]) await store.put("destinations", me, destination(id), 0, 100);
  await store.putJob(me, job("a"), rulesOfA, 0, 100);
  return storage;
};
export const rulesOfA = [rule("r1", "a"), rule("r2", "a", { destinationIds: ["chat"] })];
export const version = async ({ configuration: store }: Storage, id = "a") =>
  (await store.find("jobs", [id]))[0]?.version;
export const rulesOf = async ({ configuration: store }: Storage, jobId = "a") =>
  (await store.list("rules", { jobIds: [jobId], limit: 100 })).map(({ item }) => [item.id, item.name]);
export const stand = async ({ jobs }: Storage, id: string) =>
  (await jobs.find([id])).map((one) => [one.cursor, one.sentTo])[0];
export const remember = (storage: Storage, ruleId: string) =>
  storage.ruleStates.commit([commit(ruleId, 12_000, { upserts: [series(`f-${ruleId}`, ruleId)] })]);
export const remembered = async ({ ruleStates }: Storage, jobId = "a") =>
  (await ruleStates.load([jobId])).map((one) => [one.rule.id, one.evaluatedTo, one.tracked.length]).sort();
