// A service that jobs watch does not go by mistake, and takes all that hangs on it along.
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { createApiOpener, start } from "../../../simulators/stack/test-api.ts";
import { openServices, type ServicesWorld } from "../../../simulators/stack/test-services.ts";

const opener = createApiOpener();
let world: ServicesWorld;
beforeAll(async () => {
  world = await openServices(opener);
}, 60_000);
afterAll(opener.closeAll);

describe("a service that jobs watch", () => {
  test("stays, and says how many; nothing of it is touched", async () => {
    const { create, get, remove, addJob } = world;
    const made = await create("watched");
    const id = String(made.body.id);
    await addJob("job-a", id);
    expect((await remove(id)).body.detail).toMatch(/^1 job watches/);
    await addJob("job-b", id);
    const refused = await remove(id);
    expect(refused.status).toBe(409);
    expect(refused.body).toMatchObject({ type: "urn:logwatch:problem:in-use" });
    expect(refused.body.detail).toMatch(/^2 jobs watch/);
    expect((await get(id)).body).toMatchObject({ version: 1 });
  });

  test("goes with them where that is confirmed, and so do rules, silences, members and runs", async () => {
    const { api, owner, stranger, create, remove, addJob } = world;
    const made = await create("goes");
    const id = String(made.body.id);
    const stays = String((await create("stays")).body.id);
    for (const [job, service] of [
      ["goes-1", id],
      ["goes-2", id],
      ["stays-1", stays],
    ] as const) {
      await addJob(job, service);
      await api.storage.runs.create({
        id: `run-${job}`,
        userId: owner.user.id,
        serviceId: service,
        jobId: null,
        analysis: "log-search",
        params: {},
        window: { from: 1, to: 2 },
        requestedAt: start,
      });
      await api.db.execute(
        `INSERT INTO silences (id, service_id, starts_at, ends_at, created_at, version, body)
          VALUES (:id, :service, 1, 2, 1, 1, '{}')`,
        { id: `silence-${job}`, service },
      );
    }
    await api.storage.members.put(id, stranger.user.id, "viewer", start);
    expect((await remove(id, "?jobs=yes")).status).toBe(400);
    expect((await remove(id, "?jobs=delete")).status).toBe(204);
    const count = async (table: string, column: string, value: string) =>
      (await api.db.execute(`SELECT id FROM ${table} WHERE ${column} = :value`, { value })).rows.length;
    for (const table of ["jobs", "silences", "runs"]) {
      expect([table, await count(table, "service_id", id)]).toEqual([table, 0]);
      expect([table, await count(table, "service_id", stays)]).toEqual([table, 1]);
    }
    expect(await count("rules", "job_id", "goes-1")).toBe(0);
    expect(await count("rules", "job_id", "stays-1")).toBe(1);
    expect(await api.storage.members.roleOf(id, owner.user.id)).toBeUndefined();
    expect(await api.storage.members.roleOf(id, stranger.user.id)).toBeUndefined();
    expect(await api.storage.members.roleOf(stays, owner.user.id)).toBe("owner");
    const { rows } = await api.db.execute("SELECT before_body FROM audit WHERE object_id = :id AND action = :action", {
      id,
      action: "service.removed",
    });
    expect(JSON.parse(String(rows[0]?.before_body))).toMatchObject({ name: "goes", jobs: 2 });
  });

  test("is removed while a job is added: the job is there with its service, or neither is", async () => {
    const { create, remove, addJob } = world;
    for (let n = 0; n < 5; n += 1) {
      const id = String((await create(`race ${n}`)).body.id);
      const added = addJob(`race-${n}`, id).then(
        () => true,
        () => false,
      );
      const [removed, isAdded] = await Promise.all([remove(id), added]);
      expect([removed.status, isAdded]).toEqual(removed.status === 204 ? [204, false] : [409, true]);
    }
  });
});
