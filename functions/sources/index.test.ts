// The registry of sources: ids, forms, and secrets that are marked as such.
import { describe, expect, it } from "vitest";
import * as z from "zod";
import { registry } from "../lib/registry.ts";
import * as sources from "./index.ts";

describe.each(Object.entries(sources))("the source %s", (name, source) => {
  it("has its export's name as id, and a title and a description", () => {
    expect(registry("source", sources).get(name)).toBe(source);
    expect(source.title).not.toBe("");
    expect(source.description).not.toBe("");
  });

  it("refuses a setting that it does not know: a misspelt one would widen what is searched without a word", () => {
    const given = { url: "https://graylog.example.com", token: "t", stream: ["0123456789abcdef01234567"] };
    const issues = source.params.safeParse(given).error?.issues ?? [];
    expect(issues.flatMap((issue) => (issue.code === "unrecognized_keys" ? issue.keys : []))).toContain("stream");
  });

  it("describes every setting, and marks those that are secret", () => {
    const form = z.toJSONSchema(source.params, { io: "input", unrepresentable: "throw" });
    const properties = Object.entries(form.properties ?? {});
    expect(properties.length).toBeGreaterThan(0);
    for (const [setting, schema] of properties) {
      expect(schema).toMatchObject({ title: expect.any(String), description: expect.any(String) });
      const isSecret = /password|token|secret/.test(setting);
      expect(typeof schema === "object" && "secret" in schema && schema.secret === true).toBe(isSecret);
    }
  });
});
