// The flags of `npm start`: each has an environment variable, a default and a rule.
import { expect, test } from "vitest";
import { help, readOptions } from "./options.ts";

const read = (args: string[], environment: Record<string, string> = {}) => {
  const options = readOptions(args, environment);
  if (!options.ok) throw new Error(options.error);
  if (options.value === "help") throw new Error("help");
  return options.value;
};

test("without flags everything has its default, and no port is anybody's wish", () => {
  expect(read([])).toMatchObject({
    port: 3000,
    "graylog-port": 9000,
    "gelf-port": 12_201,
    "mailbox-port": 8025,
    data: ".logwatch",
    fresh: false,
    watch: "examples/demo.yaml",
    "no-simulators": false,
    json: false,
  });
  expect([...read([]).explicit]).toEqual([]);
});

test("a flag beats its variable, and a variable beats the default", () => {
  const environment = { LOGWATCH_PORT: "4000", LOGWATCH_GRAYLOG_PORT: "0", LOGWATCH_FRESH: "true" };
  expect(read(["--port", "5000"], environment)).toMatchObject({ port: 5000, "graylog-port": 0, fresh: true });
  expect(read(["--port=0", "--json", "--no-simulators"])).toMatchObject({ port: 0, json: true, "no-simulators": true });
});

test.each([
  [["--port", "eighty"], {}, "--port: must be a port number"],
  [["--port", "65536"], {}, "--port"],
  [["--gelf-port", "1.5"], {}, "--gelf-port"],
  [["--prot", "1"], {}, "--prot"],
  [["--watch", ""], {}, "--watch"],
  [["somewhere"], {}, "somewhere"],
  [[], { LOGWATCH_MAILBOX_PORT: "x" }, "LOGWATCH_MAILBOX_PORT: must be a port number"],
  [[], { LOGWATCH_JSON: "maybe" }, "LOGWATCH_JSON"],
])("%j with %j is refused by name, with the way out", (args, environment, words) => {
  const options = readOptions(args, environment);
  expect(options).toMatchObject({ ok: false, error: expect.stringContaining(words) });
  expect(options).toMatchObject({ error: expect.stringContaining("npm start -- --help") });
});

test("help lists every flag with its variable and default", () => {
  expect(readOptions(["--help"], {})).toEqual({ ok: true, value: "help" });
  for (const flag of [
    "port",
    "graylog-port",
    "gelf-port",
    "mailbox-port",
    "data",
    "fresh",
    "watch",
    "no-simulators",
    "json",
  ]) {
    expect(help()).toMatch(new RegExp(`--${flag}\\b.*LOGWATCH_${flag.toUpperCase().replaceAll("-", "_")}\\b`));
  }
  for (const word of ["3000", "9000", "12201", "8025", ".logwatch", "examples/demo.yaml"])
    expect(help()).toContain(word);
});
