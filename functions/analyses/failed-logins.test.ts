// Failed logins by example: logs in, measurements out.
import { expect, it } from "vitest";
import { login } from "../../simulators/services/auth.ts";
import { openMemory } from "../sources/memory.ts";
import { failedLogins } from "./failed-logins.ts";
import { logged, outcomeOf, testWindow, valuesOf } from "./test-answer.ts";

const attempt = (second: number, user: string, address: string, failure?: string) => ({
  ...login(user, address, failure),
  at: testWindow.from + second * 1000,
  service: "auth",
});

const failures = openMemory([
  attempt(-1, "root", "203.0.113.7", "invalid_password"),
  attempt(0, "root", "203.0.113.7", "invalid_password"),
  attempt(1, "root", "203.0.113.7", "invalid_password"),
  attempt(2, "root", "198.51.100.9", "expired_password"),
  attempt(3, "user001", "203.0.113.7", "unknown_user"),
  attempt(4, "user002", "192.0.2.1"),
  logged(5, "auth", { event_type: "logout", status: "failure", username: "user003" }),
  attempt(300, "root", "203.0.113.7", "invalid_password"),
]).ask;

it("counts the failures of the window by user, address and reason, and all logins beside them", async () => {
  const outcome = await outcomeOf(failures, failedLogins);
  expect(valuesOf(outcome)).toEqual({
    failed_logins: 4,
    logins: 5,
    "failed_logins_by_user{user=root}": 3,
    "failed_logins_by_user{user=user001}": 1,
    "failed_logins_by_address{address=203.0.113.7}": 3,
    "failed_logins_by_address{address=198.51.100.9}": 1,
    "failed_logins_by_reason{reason=invalid_password}": 2,
    "failed_logins_by_reason{reason=expired_password}": 1,
    "failed_logins_by_reason{reason=unknown_user}": 1,
  });
  expect(outcome.examples[0]).toBe("Failed login for user001 from 203.0.113.7: unknown_user");
  expect(outcome.views.find((view) => view.kind === "table")).toMatchObject({
    columns: ["user", "address", "reason", "count"],
    rows: [["root", "203.0.113.7", "invalid_password", 2], expect.anything(), expect.anything()],
  });
});

it("logins that went well are no failures", async () => {
  const well = openMemory([attempt(1, "user001", "192.0.2.1"), attempt(2, "user002", "192.0.2.2")]).ask;
  expect(valuesOf(await outcomeOf(well, failedLogins))).toEqual({ failed_logins: 0, logins: 2 });
});

it("counts pairs of user and address where they are wanted", async () => {
  const values = valuesOf(await outcomeOf(failures, failedLogins, { byUserAndAddress: true }));
  expect(values["failed_logins_by_user_and_address{user=root,address=203.0.113.7}"]).toBe(2);
});

it("a failure without a user or an address is counted under an empty label", async () => {
  const bare = openMemory([logged(1, "auth", { event_type: "authentication_attempt", status: "FAILED" })]).ask;
  expect(valuesOf(await outcomeOf(bare, failedLogins))).toMatchObject({
    failed_logins: 1,
    "failed_logins_by_user{user=}": 1,
    "failed_logins_by_address{address=}": 1,
  });
});

it("reads logs with the names of the Elastic Common Schema", async () => {
  const fields = { "event.category": "authentication", "user.name": "root", "source.address": "203.0.113.7" };
  const ecs = openMemory([
    logged(1, "sshd", { ...fields, "event.outcome": "failure", "event.reason": "invalid user" }),
    logged(2, "sshd", { ...fields, "event.outcome": "success" }),
  ]).ask;
  const params = {
    filter: "event.category:authentication AND event.outcome:failure",
    userField: "user.name",
    addressField: "source.address",
    reasonField: "event.reason",
  };
  expect(valuesOf(await outcomeOf(ecs, failedLogins, params))).toEqual({
    failed_logins: 1,
    logins: 2,
    "failed_logins_by_user{user=root}": 1,
    "failed_logins_by_address{address=203.0.113.7}": 1,
    "failed_logins_by_reason{reason=invalid user}": 1,
  });
});
