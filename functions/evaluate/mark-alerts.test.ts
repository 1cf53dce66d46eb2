import { expect, test } from "vitest";
import { markAlerts } from "./mark-alerts.ts";

test("pages are told of the alerts of their service, and a Redis that is gone fails no evaluation", async () => {
  const marked: unknown[] = [];
  const logged: string[] = [];
  const log = (_level: string, text: string) => void logged.push(text);
  const ports = { log, now: () => 5 };
  const alerts = [{ alertId: "a-1", serviceId: "auth" }];
  await markAlerts({ ...ports, changes: { mark: async (marks) => void marked.push(...marks) } })(alerts);
  expect(marked).toEqual([{ scope: { service: "auth" }, kind: "alert", id: "a-1" }]);
  const gone = async () => {
    throw new Error("Connection is closed.");
  };
  await markAlerts({ ...ports, changes: { mark: gone } })(alerts);
  expect(logged).toHaveLength(1);
});
