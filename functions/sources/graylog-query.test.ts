// Names of fields are written as Graylog stores them; nothing else of a filter changes.
import { describe, expect, it } from "vitest";
import { graylogQuery } from "./graylog-query.ts";

describe("a query for Graylog", () => {
  it.each([
    [["user.name:user001"], "user_name:user001"],
    [["user\\.name:user001"], "user_name:user001"],
    [['user.name:"a.b: c.d"'], 'user_name:"a.b: c.d"'],
    [["source.ip:(192.0.2.1 OR 192.0.2.2)"], "source_ip:(192.0.2.1 OR 192.0.2.2)"],
    [["_exists_:user.name"], "_exists_:user_name"],
    [['NOT _exists_:"user.name" AND a.b:[1.5 TO 2.5]'], 'NOT _exists_:"user_name" AND a_b:[1.5 TO 2.5]'],
    [["web-1.example.com"], "web-1.example.com"],
    [["a.b:x.y", "c.d:1.5"], "(a_b:x.y) AND (c_d:1.5)"],
    [[], "*"],
    [["*", ""], "*"],
  ])("%j becomes %s", (filters, query) => {
    expect(graylogQuery(filters)).toEqual({ ok: true, value: query });
  });

  it.each([
    ["x) OR (service:web", "closes nothing"],
    ["service:auth OR (", "position"],
    ['"open', "position"],
    ["*uth", "wildcard"],
  ])("the clause %s is refused with its place, because it does not stand alone", (clause, says) => {
    const query = graylogQuery(["service:auth", clause]);
    expect(query).toMatchObject({ ok: false, error: { kind: "bad-query", retryable: false } });
    expect(query.ok ? "" : query.error.message).toContain(says);
    expect(query.ok ? "" : query.error.message).toMatch(/position \d+/);
  });
});
