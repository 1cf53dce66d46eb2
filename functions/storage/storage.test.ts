// Every suite against both ways to store: in memory, and over the Data API and Redis through their real clients.
import { afterEach, describe } from "vitest";
import { createStorageOpener } from "../../simulators/cloud/aurora/test-storage.ts";
import { alertsSuite } from "./alerts-suite.ts";
import { changesSuite } from "./changes-suite.ts";
import { configurationSuite } from "./configuration-suite.ts";
import { coverageSuite } from "./coverage-suite.ts";
import { findingsSuite } from "./findings-suite.ts";
import { jobsSuite } from "./jobs-suite.ts";
import { measurementsSeriesSuite } from "./measurements-series-suite.ts";
import { measurementsSuite } from "./measurements-suite.ts";
import { notificationsSuite } from "./notifications-suite.ts";
import { openMemoryStorage } from "./open-storage.ts";
import { ruleStatesSuite } from "./rule-states-suite.ts";
import { runsSuite } from "./runs-suite.ts";
import { silencesSuite } from "./silences-suite.ts";
import { snapshotsSuite } from "./snapshots-suite.ts";
import type { OpenStorage } from "./suite-samples.ts";
import { withheldSuite } from "./withheld-suite.ts";

const opener = createStorageOpener();
afterEach(opener.closeAll);

const kinds: [string, OpenStorage][] = [
  ["memory", async () => openMemoryStorage()],
  ["Data API and Redis", async () => (await opener.open()).storage],
];

describe.each(kinds)("%s", (_, open) => {
  describe("jobs", () => jobsSuite(open));
  describe("coverage", () => coverageSuite(open));
  describe("measurements", () => measurementsSuite(open));
  describe("measurements as series", () => measurementsSeriesSuite(open));
  describe("rule states", () => ruleStatesSuite(open));
  describe("alerts", () => alertsSuite(open));
  describe("silences", () => silencesSuite(open));
  describe("withheld", () => withheldSuite(open));
  describe("notifications", () => notificationsSuite(open));
  describe("findings", () => findingsSuite(open));
  describe("runs", () => runsSuite(open));
  describe("changes", () => changesSuite(open));
  describe("snapshots", () => snapshotsSuite(open));
  describe("configuration", () => configurationSuite(open));
});
