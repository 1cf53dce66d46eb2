// What real servers answered, 6.1.4 and 7.0.1, reads alike: their recorded answers are played back to the source.
// The recordings lie beside the checkout and are no part of it.
import { existsSync, readFileSync } from "node:fs";
import type { ServerResponse } from "node:http";
import { describe, expect, it } from "vitest";
import * as z from "zod";
import type { Part } from "../lib/question.ts";
import { graylog } from "./graylog.ts";
import { toLoopback } from "./test-fetch.ts";
import { serve } from "./test-server.ts";

const recording = z.object({
  name: z.string(),
  response: z.object({ status: z.number(), contentType: z.string().nullable(), body: z.string().nullable() }),
});
type Recording = z.output<typeof recording>;

const window = { from: Date.parse("2026-11-22T12:00:00Z"), to: Date.parse("2026-11-22T13:00:00Z") };

describe.each(["6.1.4", "7.0.1"])("Graylog %s, as recorded", (version) => {
  const file = new URL(`../../../shared/data/graylog/graylog-${version}.jsonl`, import.meta.url);
  const isThere = existsSync(file);
  const recordings = isThere
    ? readFileSync(file, "utf8")
        .split("\n")
        .filter(Boolean)
        .map((line) => recording.parse(JSON.parse(line)))
    : [];

  const named = (name: string): Recording => {
    const found = recordings.find((one) => one.name === name);
    if (!found) throw new Error(`There is no recording "${name}".`);
    return found;
  };

  /** Plays recordings in turn. The ids of query and search type are the asker's choice, so they are put in ours. */
  const play = async (...names: string[]) => {
    const steps = names.map((name) => () => named(name).response);
    const { url, calls } = await serve(
      ...steps.map((step) => (_: unknown, res: ServerResponse) => {
        const { status, contentType, body } = step();
        const own = (body ?? "")
          .replace(/"q1":\{"query"/g, '"q0":{"query"')
          .replace(/"search_types":\{"[a-z]":/g, '"search_types":{"s0":');
        res.writeHead(status, contentType ? { "content-type": contentType } : {}).end(own);
      }),
    );
    return { calls, source: graylog.open({ url, username: "admin", password: "admin", retries: 0 }, toLoopback) };
  };
  const replay = async (part: Part, ...names: string[]) => {
    const { source, calls } = await play(...names);
    const answer = await source.ask(
      { filters: ["batch:small"], window, parts: { one: part } },
      new AbortController().signal,
    );
    return { answer, calls };
  };
  const part = async (asked: Part, name: string) => {
    const { answer } = await replay(asked, name);
    if (!answer.ok) throw new Error(answer.error.message);
    return answer.value.parts.one;
  };

  const services = [
    { keys: ["auth"], count: 30 },
    { keys: ["checkout"], count: 30 },
    { keys: ["payments"], count: 30 },
    { keys: [""], count: 10 },
  ];
  const times = it.skipIf(!isThere);

  times("what it says of itself is read, and a user without streams is told what to ask for", async () => {
    const signal = new AbortController().signal;
    const whole = await play("root", "views-sync-pivot-values");
    expect(await whole.source.probe(signal)).toEqual({ ok: true, value: { product: "Graylog", version } });
    const poor = await play("root", "auth-reader-no-streams");
    const refused = await poor.source.probe(signal);
    expect(refused.ok ? "" : refused.error.message).toMatch(/share the streams.*any streams/);
    const page = await play("path-unknown-top");
    expect(await page.source.probe(signal)).toMatchObject({ ok: false, error: { kind: "unreachable" } });
  });

  times("its fields have the kinds of their types", async () => {
    const { source } = await play("views-fields");
    const given = await source.fields({ filters: [], window }, new AbortController().signal);
    const fields = given.ok ? given.value.map(({ name, kind }) => `${name} ${kind}`) : [];
    for (const field of ["duration_ms number", "env text", "message text", "status number", "timestamp date"])
      expect(fields).toContain(field);
    expect(fields.filter((field) => /unknown|gl2_|^streams/.test(field))).toEqual([]);
  });

  times("the count is the total", async () => {
    expect(await part({ kind: "count" }, "views-sync-pivot-values-limit")).toEqual({ kind: "count", count: 100 });
  });

  times("groups are whole, with those that lack the field, and what the server cut is said", async () => {
    const whole = { kind: "terms", rows: services, truncated: false };
    expect(await part({ kind: "terms", by: ["service"], limit: 10 }, "views-sync-pivot-values")).toEqual(whole);
    const ours = { kind: "terms", rows: services.slice(0, 2), truncated: true };
    expect(await part({ kind: "terms", by: ["service"], limit: 2 }, "views-sync-pivot-values")).toEqual(ours);
    const theirs = { kind: "terms", rows: [services[0], services[1], services[3]], truncated: true };
    expect(await part({ kind: "terms", by: ["service"], limit: 3 }, "views-sync-pivot-values-limit")).toEqual(theirs);
    const absent = await part({ kind: "terms", by: ["service"], limit: 10 }, "views-sync-pivot-skip-empty");
    expect(absent).toEqual({ kind: "terms", rows: services.slice(0, 3), truncated: true });
  });

  times("a histogram of ten minutes adds up to longer buckets", async () => {
    const values = async (everyMs: number) => {
      const answer = await part({ kind: "histogram", everyMs }, "views-sync-pivot-time");
      return answer?.kind === "histogram"
        ? answer.series.map(({ points }) => points.map(({ value }) => value))
        : answer;
    };
    expect(await values(600_000)).toEqual([[17, 17, 16, 17, 17, 16]]);
    // Fifty minutes start at 11:30 and 12:20: the epoch's multiples, not the window's.
    expect(await values(3_000_000)).toEqual([[34, 66]]);
  });

  times("buckets that a server cut elsewhere are refused, not added up", async () => {
    const { answer } = await replay({ kind: "histogram", everyMs: 3_600_000 }, "views-sync-pivot-time");
    expect(answer).toMatchObject({
      ok: false,
      error: { kind: "bad-query", message: expect.stringContaining("time zone") },
    });
  });

  times("messages come with the fields that were asked for, and absent ones are left out", async () => {
    const answer = await part(
      { kind: "messages", limit: 3, fields: ["service", "user.name"] },
      "views-sync-messages-fields",
    );
    expect(answer).toMatchObject({
      kind: "messages",
      entries: [{ at: window.from, service: "auth", host: "", level: null, fields: { service: "auth" } }, {}, {}],
      next: `${Date.parse("2026-11-22T12:01:12Z")}:1`,
    });
  });

  times("a query that cannot be read is a bad query with the server's reason", async () => {
    const { answer, calls } = await replay({ kind: "count" }, "views-sync-bad-query", "validate-leading-wildcard");
    expect(answer).toMatchObject({ ok: false, error: { kind: "bad-query", retryable: false } });
    expect(answer.ok ? "" : answer.error.message).toContain("not allowed as first character");
    expect(calls).toEqual(["/api/views/search/sync", "/api/search/validate"]);
  });

  times("shards that failed though the query is right are the log store's trouble", async () => {
    const { answer } = await replay({ kind: "count" }, "views-sync-bad-query", "validate-ok");
    expect(answer).toMatchObject({ ok: false, error: { kind: "overloaded", retryable: true } });
  });

  times.each([
    ["views-sync-limit-10001", "bad-query", /Result window is too large/],
    ["auth-wrong-token", "refused", /expired/],
    ["auth-reader-no-streams", "refused", /any streams/],
    ["auth-no-x-requested-by", "bad-query", /CSRF/],
    ["messages-stream-unknown", "bad-query", /no such index/],
    ["path-unknown-top", "unreachable", /address right/],
  ])("%s is %s", async (name, kind, says) => {
    const { answer } = await replay({ kind: "count" }, name);
    expect(answer).toMatchObject({ ok: false, error: { kind } });
    expect(answer.ok ? "" : answer.error.message).toMatch(says);
  });
});
