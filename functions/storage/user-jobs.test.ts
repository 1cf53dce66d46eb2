// Jobs of users: the list says what the roles say, and of two who act at once no job is on that must not be.
import { afterAll, expect, test } from "vitest";
import { createApiOpener, type Identity, start, type TestApi } from "../../simulators/stack/test-api.ts";
import { ok } from "../lib/result.ts";
import * as samples from "./suite-samples.ts";

const opener = createApiOpener();
afterAll(opener.closeAll);

const addService = async ({ storage }: TestApi, id: string, ownerId: string): Promise<void> => {
  const source = { ...samples.source, id: `source-of-${id}` };
  await storage.configuration.put("sources", ownerId, source, 0, start);
  await storage.configuration.put("services", ownerId, { ...samples.service, id, sourceId: source.id }, 0, start);
};
const putJob = (
  { storage }: TestApi,
  id: string,
  ownerId: string,
  over: Partial<ReturnType<typeof samples.job>> = {},
) => storage.userJobs.put(ownerId, samples.job(id, { ownerId, ...over }), [], 0, start, () => ok(`Job ${id}`));

test("for every reader the list holds the jobs they have a role on, and says that role", async () => {
  const api = await opener.open();
  const { storage } = api;
  const names = ["admin", "anna", "bert", "carl", "dora"] as const;
  const people: Identity[] = [];
  for (const name of names) people.push(await api.user(name, name === "admin" ? "admin" : "user"));
  const ids = people.map(({ user }) => user.id);
  const [, anna = "", bert = "", carl = ""] = ids;
  await addService(api, "auth", anna);
  await addService(api, "dns", bert);
  await addService(api, "declared", "watch");
  const memberships = [
    ["auth", anna, "owner"],
    ["auth", bert, "editor"],
    ["auth", carl, "viewer"],
    ["dns", bert, "owner"],
    ["dns", anna, "editor"],
  ] as const;
  for (const [service, user, role] of memberships) await storage.members.put(service, user, role, start);
  let count = 0;
  for (const ownerId of [anna, bert, carl])
    for (const serviceId of ["auth", "dns"]) {
      count += 1;
      const job = samples.job(`job-${count}`, { ownerId, serviceId });
      await storage.configuration.putJob(
        ownerId,
        job,
        [samples.rule(`r-${count}`, job.id, { destinationIds: [] })],
        0,
        start,
      );
    }
  await storage.configuration.putJob("watch", samples.job("job-7", { serviceId: "declared" }), [], 0, start);
  for (const { user } of people) {
    const listed = await storage.userJobs.list(user, { limit: 100 });
    const expected = [];
    for (const id of ["job-1", "job-2", "job-3", "job-4", "job-5", "job-6", "job-7"]) {
      const role = await storage.roles.on("job", id, user);
      if (role) expected.push([id, role]);
    }
    expect(listed.map(({ id, role }) => [id, role])).toEqual(expected);
    expect(listed.every(({ id, rules }) => rules === (id === "job-7" ? 0 : 1))).toBe(true);
  }
});

test("a job is on only with an owner who is a member, or an admin of what the file declares", async () => {
  const api = await opener.open();
  const admin = await api.user("admin", "admin");
  const member = await api.user("member");
  await addService(api, "auth", member.user.id);
  await addService(api, "declared", "watch");
  await api.storage.members.put("auth", member.user.id, "viewer", start);
  const told = async (id: string, { user }: Identity, serviceId: string, enabled = true) =>
    (await putJob(api, id, user.id, { serviceId, enabled })).state;
  expect(await told("a", member, "auth")).toBe("done");
  expect(await told("b", member, "declared")).toBe("owner-left");
  expect(await told("c", member, "declared", false)).toBe("done");
  expect(await told("d", admin, "auth")).toBe("owner-left");
  expect(await told("e", admin, "declared")).toBe("done");
  expect((await putJob(api, "f", "nobody", { serviceId: "auth" })).state).toBe("changed");
  const enable = (id: string, ownerId: string, serviceId: string) =>
    api.storage.userJobs.enable({ id, ownerId, serviceId }, start);
  expect(await enable("c", member.user.id, "declared")).toBe("owner-left");
  expect(await enable("gone", member.user.id, "auth")).toBe("changed");
});

test("whoever is disabled or leaves while their job is turned on: it ends off", async () => {
  const api = await opener.open();
  const { storage } = api;
  await api.user("admin", "admin");
  for (let round = 0; round < 8; round += 1) {
    const { user } = await api.user(`user-${round}`);
    const serviceId = `service-${round}`;
    await addService(api, serviceId, user.id);
    const helper = await api.user(`helper-${round}`);
    await storage.members.put(serviceId, helper.user.id, "owner", start);
    await storage.members.put(serviceId, user.id, "editor", start);
    const id = `job-${round}`;
    await putJob(api, id, user.id, { serviceId, enabled: false });
    const leave = () =>
      round % 2 === 0
        ? storage.users.update(user.id, user.version, { state: "disabled" }, start)
        : storage.members.remove(serviceId, user.id, start);
    const enable = () => storage.userJobs.enable({ id, ownerId: user.id, serviceId }, start);
    await Promise.all(round % 4 < 2 ? [leave(), enable()] : [enable(), leave()]);
    expect((await storage.configuration.find("jobs", [id]))[0]?.item.enabled).toBe(false);
  }
});
