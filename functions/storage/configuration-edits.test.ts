// Single changes of the configuration against both ways to store, and what only the database can show.
import { afterEach, describe, expect, test } from "vitest";
import { createStorageOpener } from "../../simulators/cloud/aurora/test-storage.ts";
import { configurationEditSuite } from "./configuration-edit-suite.ts";
import { configurationEnableSuite } from "./configuration-enable-suite.ts";
import { configurationJobsSuite } from "./configuration-jobs-suite.ts";
import { configurationListSuite } from "./configuration-list-suite.ts";
import { configurationRemoveSuite } from "./configuration-remove-suite.ts";
import { openMemoryStorage } from "./open-storage.ts";
import { job, type OpenStorage, rule, service, source } from "./suite-samples.ts";

const opener = createStorageOpener();
afterEach(opener.closeAll);

const kinds: [string, OpenStorage][] = [
  ["memory", async () => openMemoryStorage()],
  ["Data API", async () => (await opener.open()).storage],
];

describe.each(kinds)("%s", (_, open) => {
  configurationEditSuite(open);
  configurationJobsSuite(open);
  configurationEnableSuite(open);
  configurationRemoveSuite(open);
  configurationListSuite(open);
});

test("a change whose answers are lost is either whole or not there, and what it says is never more than what is", async () => {
  for (let lost = 1; lost <= 9; lost += 1) {
    const { storage, faults } = await opener.open({ retry: { budgetMs: 1000, firstPauseMs: 1 } });
    const { configuration: store } = storage;
    await store.put("sources", "me", source, 0, 1);
    await store.put("services", "me", service, 0, 1);
    for (let calls = 1; calls < lost; calls += 1) faults.add({ target: "aurora", kind: "slow", delayMs: 1, calls: 1 });
    faults.add({ target: "aurora", kind: "partial", calls: 1 });
    const rules = [rule("r", "a", { destinationIds: [] })];
    const isWritten = await store.putJob("me", job("a"), rules, 0, 1).catch(() => undefined);
    faults.clear();
    const found = [await store.find("jobs", ["a"]), await store.find("rules", ["r"])].map((one) => one.length);
    if (isWritten !== undefined) expect(found).toEqual(isWritten ? [1, 1] : [0, 0]);
    else
      expect([
        [0, 0],
        [1, 1],
      ]).toContainEqual(found);
  }
});
