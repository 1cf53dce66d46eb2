// The flow is data; these tests keep the picture and the folders true to it.
import { existsSync, readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { drawFlow } from "./draw-flow.ts";
import { flow, type Topic } from "./flow.ts";

const root = new URL("../", import.meta.url);

test("the README shows the flow as it is", () => {
  expect(readFileSync(new URL("README.md", root), "utf8")).toContain(drawFlow());
});

test("every step that reads or writes a topic has a folder with a handler", () => {
  const steps = Object.values<Topic>(flow).flatMap((topic) => [
    ...topic.producers.filter((step) => step !== "api"),
    ...topic.consumers.map((consumer) => consumer.step),
  ]);
  for (const step of steps) expect(existsSync(new URL(`functions/${step}/handler.ts`, root)), step).toBe(true);
});

test("the flow is the one of the design: requested → finished → updated → requested", () => {
  expect(
    Object.entries<Topic>(flow).map(([name, topic]) => [
      name,
      topic.producers[0],
      topic.consumers.map((consumer) => consumer.step),
    ]),
  ).toEqual([
    ["logwatch.analysis.requested", "schedule", ["analyze"]],
    ["logwatch.analysis.finished", "analyze", ["snapshot", "archive", "evaluate"]],
    ["logwatch.alert.updated", "evaluate", ["notify"]],
    ["logwatch.notification.requested", "notify", ["deliver"]],
  ]);
});
