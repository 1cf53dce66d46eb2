// The environment, read in one place: wrong variables stop the start with their name and rule.
import { expect, test } from "vitest";
import { readConfig } from "./config.ts";

const key = Buffer.alloc(32).toString("base64");

test("durations, lists and numbers are read from text; what is absent has a default", () => {
  const config = readConfig({
    LOGWATCH_SECRETS_KEY: key,
    LOGWATCH_QUESTION_TIMEOUT: "5s",
    LOGWATCH_MAX_QUESTIONS: "3",
    LOGWATCH_SLACK_HOSTS: "hooks.slack.com, 127.0.0.1:8025",
    PATH: "/bin",
  });
  expect(config).toMatchObject({
    LOGWATCH_QUESTION_TIMEOUT: 5000,
    LOGWATCH_MAX_QUESTIONS: 3,
    LOGWATCH_SLACK_HOSTS: ["hooks.slack.com", "127.0.0.1:8025"],
    LOGWATCH_LOG_LEVEL: "info",
  });
});

test("hosts of sources are read at the start, and a wrong one stops it with its name", () => {
  const read = (ALLOWED_SOURCE_HOSTS?: string) => readConfig({ LOGWATCH_SECRETS_KEY: key, ALLOWED_SOURCE_HOSTS });
  expect(read().ALLOWED_SOURCE_HOSTS).toEqual([]);
  expect(read("graylog.internal:9000, 10.0.0.0/8").ALLOWED_SOURCE_HOSTS).toMatchObject([
    { match: { name: "graylog.internal" }, port: 9000 },
    { port: "usual" },
  ]);
  expect(() => read("graylog.internal, http://x")).toThrow(/ALLOWED_SOURCE_HOSTS: "http:\/\/x" is neither a host/);
});

test("every wrong or missing variable is named with its rule, and no value is shown", () => {
  const wrong = () =>
    readConfig({ LOGWATCH_SECRETS_KEY: "c2VjcmV0", LOGWATCH_LOG_LEVEL: "loud", LOGWATCH_LATENESS: "soon" });
  expect(wrong).toThrow(/LOGWATCH_SECRETS_KEY: must be 32 bytes in base64/);
  expect(wrong).toThrow(/LOGWATCH_LOG_LEVEL: .*"debug"/);
  expect(wrong).toThrow(/LOGWATCH_LATENESS: must be a duration/);
  expect(wrong).not.toThrow(/c2VjcmV0/);
  expect(() => readConfig({})).toThrow(/LOGWATCH_SECRETS_KEY/);
});
