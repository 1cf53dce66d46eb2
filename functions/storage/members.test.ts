// Members of services over the SQL stand-in: roles, and that a service never loses its last owner.
import { afterEach, expect, test } from "vitest";
import { createStorageOpener } from "../../simulators/cloud/aurora/test-storage.ts";
import { openApiStorage } from "./api-storage.ts";
import { makeUsers } from "./api-storage-samples.ts";

const opener = createStorageOpener();
afterEach(opener.closeAll);

const open = async () => {
  const opened = await opener.open();
  const storage = openApiStorage(opened.db, opened.redis);
  await makeUsers(storage, "a", "b", "c");
  for (const id of ["s1", "s2"]) await addService(opened.db, id);
  return { ...opened, storage };
};

const addService = (db: Awaited<ReturnType<typeof opener.open>>["db"], id: string) =>
  db.execute(
    `INSERT INTO services (id, managed_by, name, source_id, filter_text, colour, version, created_at, updated_at)
      VALUES (:id, 'id-a', :id, 'source', '*', '#000000', 1, 1, 1)`,
    { id },
  );

test("members are added, changed and listed with their names; an unknown service or user is told", async () => {
  const { storage } = await open();
  expect(await storage.members.put("s1", "id-b", "owner", 1)).toBe("done");
  expect(await storage.members.put("s1", "id-a", "viewer", 2)).toBe("done");
  expect(await storage.members.put("s1", "id-a", "editor", 3)).toBe("done");
  expect(await storage.members.put("s1", "id-a", "editor", 3)).toBe("done");
  expect(await storage.members.put("none", "id-a", "editor", 3)).toBe("unknown");
  expect(await storage.members.put("s1", "id-none", "editor", 3)).toBe("unknown");
  expect(await storage.members.list("s1", { limit: 10 })).toMatchObject([
    { userId: "id-a", name: "User a", role: "editor", createdAt: 2, updatedAt: 3 },
    { userId: "id-b", email: "b@example.com", role: "owner" },
  ]);
  expect(await storage.members.roleOf("s1", "id-a")).toBe("editor");
  expect(await storage.members.roleOf("s2", "id-a")).toBeUndefined();
});

test("the last owner neither goes nor becomes less, also when two go at once", async () => {
  const { storage } = await open();
  await storage.members.put("s1", "id-a", "owner", 1);
  await storage.members.put("s1", "id-c", "editor", 1);
  expect(await storage.members.remove("s1", "id-a", 2)).toEqual({ state: "last-owner" });
  expect(await storage.members.put("s1", "id-a", "editor", 2)).toBe("last-owner");
  expect(await storage.members.remove("s1", "id-c", 2)).toEqual({ state: "done", jobsOff: 0 });
  expect(await storage.members.remove("s1", "id-c", 2)).toEqual({ state: "unknown" });
  await storage.members.put("s1", "id-b", "owner", 3);
  const removal = storage.members.remove("s1", "id-a", 4).then(({ state }) => state);
  const both: string[] = await Promise.all([removal, storage.members.put("s1", "id-b", "viewer", 4)]);
  expect(both.sort()).toEqual(["done", "last-owner"]);
});

test("what one sees and what nobody else owns is found by user", async () => {
  const { storage } = await open();
  await storage.members.put("s1", "id-a", "owner", 1);
  await storage.members.put("s2", "id-a", "owner", 1);
  await storage.members.put("s1", "id-b", "viewer", 1);
  expect(await storage.members.visibleServices("id-a", { limit: 1 })).toEqual([{ serviceId: "s1", role: "owner" }]);
  expect(await storage.members.visibleServices("id-a", { after: "s1", limit: 1 })).toEqual([
    { serviceId: "s2", role: "owner" },
  ]);
  expect(await storage.members.soleOwnerships("id-a")).toEqual([
    { serviceId: "s1", name: "s1", others: 1 },
    { serviceId: "s2", name: "s2", others: 0 },
  ]);
  await storage.members.put("s1", "id-b", "owner", 2);
  expect(await storage.members.soleOwnerships("id-a")).toMatchObject([{ serviceId: "s2" }]);
  expect(await storage.members.soleOwnerships("id-b")).toEqual([]);
});
