// What every store of silences promises: two editors cannot overwrite each other, and what hides now is found.
import { expect, test } from "vitest";
import type { Silence } from "./silences.ts";
import type { OpenStorage } from "./suite-samples.ts";

export const silence = (id: string, over: Partial<Silence> = {}): Silence => ({
  id,
  serviceId: "auth",
  matchers: [{ name: "user", op: "=~", value: "ro+t|ö\"'" }],
  startsAt: 1000,
  endsAt: 5000,
  authorId: "user-1",
  authorName: "User 1",
  comment: "maintenance",
  createdAt: 900,
  updatedAt: 900,
  version: 1,
  endedEarly: false,
  ...over,
});

const ids = (silences: readonly Silence[]): string[] => silences.map(({ id }) => id);

export const silencesSuite = (open: OpenStorage): void => {
  test("a silence is new once, and changed by whom read its version", async () => {
    const { silences } = await open();
    const made = await Promise.all([silences.put(silence("s"), 0), silences.put(silence("s", { comment: "b" }), 0)]);
    expect(made.toSorted()).toEqual([false, true]);
    const ended = silence("s", { endsAt: 2000, updatedAt: 2000, version: 2, endedEarly: true });
    const edits = await Promise.all([silences.put(ended, 1), silences.put(ended, 1)]);
    expect(edits.toSorted()).toEqual([false, true]);
    expect(await silences.find(["s", "none"])).toEqual([ended]);
    expect(await silences.put(silence("none", { version: 8 }), 7)).toBe(false);
  });

  test("what hides at a moment is found by its service; the end is no more part of it", async () => {
    const { silences } = await open();
    for (const one of [
      silence("now"),
      silence("later", { startsAt: 3000 }),
      silence("over", { endsAt: 2000 }),
      silence("other", { serviceId: "dns" }),
    ])
      await silences.put(one, 0);
    expect(ids(await silences.active(["auth"], 2000))).toEqual(["now"]);
    expect(ids(await silences.active(["auth", "dns"], 1000)).toSorted()).toEqual(["now", "other", "over"]);
    expect(await silences.active([], 1000)).toEqual([]);
    expect(await silences.active(["auth"], 5000)).toEqual([]);
  });

  test("lists are newest first and go on behind a position; old ones are forgotten", async () => {
    const { silences } = await open();
    for (const [index, id] of ["a", "b", "c"].entries())
      await silences.put(silence(id, { createdAt: 100 * Math.ceil(index / 2), endsAt: 2000 + index }), 0);
    const list = async (over = {}) => ids(await silences.list({ serviceIds: ["auth"], limit: 10, ...over }));
    expect(await list()).toEqual(["c", "b", "a"]);
    expect(await list({ limit: 1 })).toEqual(["c"]);
    expect(await list({ before: { createdAt: 100, id: "c" } })).toEqual(["b", "a"]);
    expect(await list({ endsAfter: 2000 })).toEqual(["c", "b"]);
    expect(await list({ serviceIds: [] })).toEqual([]);
    expect([await silences.forget(2002, 1), await silences.forget(2002, 9)]).toEqual([1, 1]);
    expect(await list()).toEqual(["c"]);
  });
};
