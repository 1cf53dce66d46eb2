// A rule's settings: the same for files and the API, and the same again after being stored.
import { durationText, jobTiming, ruleSettings } from "@logwatch/events";
import { jobInput, ruleInput } from "@logwatch/events/api";
import { expect, test } from "vitest";
import * as z from "zod";
import { duration } from "../lib/duration.ts";
import { ruleRecord, settingsOfRule } from "./rule-record.ts";
import { watchFile } from "./watch-file.ts";

const ofFiles = z.strictObject(ruleSettings(duration));
const ofTheApi = z.strictObject(ruleSettings(durationText));

test("what is left out is the same in a watch file and in the API", () => {
  expect(ofFiles.parse({})).toEqual(ofTheApi.parse({}));
  const rule = { name: "r", kind: "threshold", params: {} };
  const job = { name: "j", service: "s", analysis: "a", every: "10s", rules: [rule] };
  const file = watchFile.parse({ name: "w", services: [{ name: "s" }], jobs: [job] });
  expect(file.jobs[0]?.rules[0]).toMatchObject(ofTheApi.parse({}));
  expect(ruleInput.parse(rule)).toMatchObject(ofTheApi.parse({}));
  const { service: _service, ...rest } = job;
  const { every, window, delay } = jobInput.parse({ ...rest, serviceId: "s" });
  expect(file.jobs[0]).toMatchObject({ every, delay });
  expect([window, file.jobs[0]?.window]).toEqual([undefined, undefined]);
});

test("settings are what they were after being stored and written as the API writes them", () => {
  const settings = ofTheApi.parse({
    severity: "critical",
    hold: "90s",
    clearAfter: "1500ms",
    repeat: "0s",
    repeatGrowth: 1.5,
    tellResolved: false,
    onFailure: "alert",
    onNoData: "ok",
    maxExamples: 3,
    maxTracked: 7,
    flapping: { changes: 0, within: "2d" },
  });
  const rest = { id: "r", jobId: "j", name: "r", kind: "threshold", params: {}, destinationIds: [], enabled: true };
  const stored = settingsOfRule(ruleRecord(rest, settings));
  expect(stored).toEqual(settings);
  expect(ofTheApi.parse(z.encode(ofTheApi, stored))).toEqual(settings);
});

test.each([
  ["files", z.strictObject(jobTiming(duration))],
  ["the API", z.strictObject(jobTiming(durationText))],
])("%s ask for whole seconds: log stores cut time no finer", (_who, timing) => {
  const told = (given: unknown) => timing.safeParse(given).error?.issues.map(({ path, message }) => [path[0], message]);
  const whole = "must be whole seconds: log stores cut time no finer";
  expect(told({ every: "1500ms" })).toEqual([["every", whole]]);
  expect(told({ every: "1s", window: "2500ms" })).toEqual([["window", whole]]);
  expect(told({ every: "1s", window: "2s", delay: "250ms" })).toBeUndefined();
});
