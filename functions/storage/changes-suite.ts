// What every store of changes promises: nothing that changed is missed, nothing is told to whom it does not concern, nothing grows.
import { expect, test } from "vitest";
import { type ChangeStore, keptMs, mostMarks, overlapMs } from "./changes.ts";
import type { OpenStorage } from "./suite-samples.ts";

const auth = { service: "auth" };
const dns = { service: "dns" };
const ann = { user: "ann" };
const begin = 1_800_000_000_000;
const snapshot = (id: string, scope: typeof auth | typeof ann = auth) => ({ scope, kind: "snapshot" as const, id });

const start = async (changes: ChangeStore, scopes: Parameters<ChangeStore["since"]>[0] = [auth, ann]) =>
  (await changes.since(scopes, undefined, begin)).position;

export const changesSuite = (open: OpenStorage): void => {
  test("a first look is told to look at everything, and the next one that nothing changed", async () => {
    const { changes } = await open();
    const first = await changes.since([auth], undefined, begin);
    expect(first).toMatchObject({ changes: [], reset: true });
    const same = { changes: [], position: first.position, reset: false };
    expect(await changes.since([auth], first.position, begin + 1)).toEqual(same);
    expect(await changes.since([auth], first.position, begin + keptMs / 2)).toEqual(same);
  });

  test("what changed in one's own scopes is told once, newest mark of each thing, and nothing of others", async () => {
    const { changes } = await open();
    const position = await start(changes);
    await changes.mark([snapshot("a"), snapshot("b"), { scope: dns, kind: "alert", id: "x" }], begin + 10_000);
    await changes.mark([snapshot("a"), { scope: ann, kind: "run", id: "r 1" }], begin + 11_000);
    await changes.mark([{ scope: { user: "user002" }, kind: "run", id: "r2" }], begin + 11_000);
    const told = await changes.since([auth, ann], position, begin + 60_000);
    expect(told.reset).toBe(false);
    expect(told.changes.map(({ kind, id, at }) => [kind, id, at - begin])).toEqual([
      ["snapshot", "b", 10_000],
      ["snapshot", "a", 11_000],
      ["run", "r 1", 11_000],
    ]);
    expect(await changes.since([auth, ann], told.position, begin + 61_000)).toEqual({
      changes: [],
      position: told.position,
      reset: false,
    });
  });

  test("a mark by a clock that is behind, or that came late, is told all the same", async () => {
    const { changes } = await open();
    const position = await start(changes);
    await changes.mark([snapshot("a")], begin + 1000);
    const told = await changes.since([auth, ann], position, begin + 1500);
    await changes.mark([snapshot("late")], begin + 1500 - overlapMs + 1);
    const again = await changes.since([auth, ann], told.position, begin + 2000);
    expect(again.changes.map((one) => one.id)).toContain("late");
    // Two marks of one moment, one before and one after the look.
    await changes.mark([snapshot("a")], begin + 2000);
    expect((await changes.since([auth, ann], again.position, begin + 2000)).changes.map((one) => one.id)).toContain(
      "a",
    );
  });

  test("another set of services, an old position or a made-up one: everything is looked at", async () => {
    const { changes } = await open();
    const position = await start(changes);
    await changes.mark([snapshot("a")], begin + 1000);
    expect((await changes.since([auth, ann], position, begin + keptMs + 1)).reset).toBe(true);
    for (const madeUp of ["", "x", "a.b.c", `${"9".repeat(400)}`, position.replace(/\.\d+\./, ".99.")]) {
      expect((await changes.since([auth, ann], madeUp, begin + 1000)).reset).toBe(true);
    }
  });

  test("more things than are remembered: everything is looked at, and no more is kept", async () => {
    const { changes } = await open();
    const position = await start(changes);
    const many = Array.from({ length: mostMarks + 50 }, (_, index) => snapshot(`j${index}`));
    await changes.mark(many, begin + 60_000);
    const told = await changes.since([auth, ann], position, begin + 61_000);
    expect(told).toMatchObject({ changes: [], reset: true });
    // The next look goes back over the same crowd; the one after it does not.
    const { position: later } = await changes.since([auth, ann], told.position, begin + 70_000);
    await changes.mark([snapshot("j7")], begin + 80_000);
    const next = await changes.since([auth, ann], later, begin + 81_000);
    expect([next.reset, next.changes.some((one) => one.id === "j7")]).toEqual([false, true]);
  });
};
