// What every source promises to tell of itself: whether it can be asked, and which fields its messages have.
import { expect, it } from "vitest";
import { storedField } from "../lib/lucene.ts";
import type { Asked } from "./source-suite.ts";

export const aboutSuite = ({ log, source }: Asked) => {
  const patient = () => new AbortController().signal;
  const fields = async (filters: string[] = []) => {
    const given = await source().fields({ filters: [log.filter, ...filters], window: log.window }, patient());
    if (!given.ok) throw new Error(given.error.message);
    return given.value;
  };

  it("a source that can be asked says what it is", async () => {
    const given = await source().probe(patient());
    expect(given).toMatchObject({
      ok: true,
      value: { product: expect.stringMatching(/./), version: expect.stringMatching(/^\d+/) },
    });
  });

  it("every field that was logged is listed with its kind, by the name under which it can be asked for", async () => {
    const kinds = new Map((await fields()).map(({ name, kind }) => [name, kind]));
    expect(kinds.get("timestamp")).toBe("date");
    for (const [name, kind] of [
      ["message", "text"],
      ["source", "text"],
      ["service", "text"],
      ["outcome", "text"],
      ["user.name", "text"],
      ["source.address", "text"],
      ["level", "number"],
      ["took", "number"],
      ["n", "number"],
    ] as const)
      expect([name, kinds.get(storedField(name))]).toEqual([name, kind]);
    const stored = new Set(log.entries.flatMap((entry) => Object.keys(entry.fields)).map(storedField));
    expect([...stored].filter((name) => !kinds.has(name))).toEqual([]);
  });

  it("fields are sorted, each once, and none is the store's own bookkeeping", async () => {
    const names = (await fields()).map(({ name }) => name);
    expect(names).toEqual([...new Set(names)].sort());
    expect(names.filter((name) => /^(gl2_|_)|^streams$/.test(name))).toEqual([]);
  });

  it("a filter that cannot be read, or reaches out of its brackets, is refused here too", async () => {
    for (const filter of ["service:(auth", "x) OR (service:web"]) {
      const given = await source().fields({ filters: [log.filter, filter], window: log.window }, patient());
      expect(given).toMatchObject({ ok: false, error: { kind: "bad-query", retryable: false } });
    }
  });

  it("what was given up before it was asked is a failure, not an empty list", async () => {
    const over = AbortSignal.abort();
    expect(await source().probe(over)).toMatchObject({ ok: false, error: { kind: "timeout" } });
    const given = await source().fields({ filters: [], window: log.window }, over);
    expect(given).toMatchObject({ ok: false, error: { kind: "timeout" } });
  });
};
