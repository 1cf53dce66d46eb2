// How an account goes, through the real handler: what is told before, what stands in the way, what is left.
import { afterEach, expect, test } from "vitest";
import { createApiOpener, origin, type TestApi, type TestResponse } from "../../../simulators/stack/test-api.ts";
import * as samples from "../../storage/suite-samples.ts";

const opener = createApiOpener();
afterEach(opener.closeAll);

const browser = { headers: { origin, "x-logwatch-csrf": "1" } };
const password = "plum-quartz-onward-77";
const other = "violet-harbour-lantern-4";

const register = (api: TestApi, name: string) =>
  api.call("POST", "/register", { ...browser, body: { email: `${name}@example.com`, name, password } });
const signIn = (api: TestApi, name: string) =>
  api.call("POST", "/sign-in", { ...browser, body: { email: `${name}@example.com`, password } });
const as = ({ cookies }: TestResponse) => ({ ...browser, cookies: cookies.map((line) => line.replace(/;.*$/s, "")) });

test("it goes with the password alone, with all that is its own, and never as the last admin", async () => {
  const api = await opener.open();
  await register(api, "admin");
  const [first, second] = [await register(api, "user001"), await register(api, "user002")];
  const [id, secondId] = [String(first.body.id), String(second.body.id)];
  await buildThings(api, id, secondId);
  const remove = (body: unknown) => api.call("POST", "/me/deletion", { ...as(first), body });
  expect(await remove({ password: other })).toMatchObject({ status: 422 });
  const preview = await api.call("GET", "/me/deletion", as(first));
  expect(preview.body).toEqual({
    sources: 1,
    jobs: 2,
    destinations: 1,
    services: [{ id: "service", name: "service", others: 1 }],
    toHandOver: [],
  });
  expect(await remove({ password })).toMatchObject({ status: 409, body: { type: "urn:logwatch:problem:shared" } });
  expect((await remove({ password, sharedServices: "delete" })).status).toBe(204);
  expect((await api.call("GET", "/me", as(first))).status).toBe(401);
  expect((await signIn(api, "user001")).status).toBe(401);
  for (const table of ["sources", "services", "jobs", "rules", "destinations", "service_members"]) {
    expect((await api.db.execute(`SELECT COUNT(*) AS n FROM ${table}`)).rows, table).toEqual([{ n: 0 }]);
  }
  expect((await api.storage.audit.list({ limit: 1 }))[0]).toMatchObject({ action: "account.removed", objectId: id });
  const admin = await signIn(api, "admin");
  expect(await api.call("POST", "/me/deletion", { ...as(admin), body: { password } })).toMatchObject({ status: 409 });
});

/** A source, a service with the second as a member, a job of each, a destination. */
const buildThings = async ({ storage }: TestApi, ownerId: string, memberId: string): Promise<void> => {
  const { configuration } = storage;
  await configuration.put("sources", ownerId, { ...samples.source, id: "source", name: "source" }, 0, 1);
  const service = { ...samples.service, id: "service", name: "service", sourceId: "source" };
  await configuration.put("services", ownerId, service, 0, 1);
  await storage.members.put("service", ownerId, "owner", 1);
  await storage.members.put("service", memberId, "editor", 1);
  await configuration.put("destinations", ownerId, samples.destination("destination"), 0, 1);
  for (const [id, of] of [
    ["mine", ownerId],
    ["theirs", memberId],
  ] as const) {
    const job = samples.job(id, { serviceId: "service", ownerId: of });
    expect(await configuration.putJob(of, job, [samples.rule(`rule-${id}`, id, { destinationIds: [] })], 0, 1)).toBe(
      true,
    );
  }
};
