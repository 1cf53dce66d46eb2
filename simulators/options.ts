// The flags of `npm start`, each with its environment variable. Wrong ones are refused with their name and rule.
import { parseArgs } from "node:util";
import * as z from "zod";
import { fail, ok, type Result } from "../functions/lib/result.ts";

const port = z.coerce.number({ error: "must be a port number" }).int().min(0).max(65_535);
const flag = z.union([z.boolean(), z.stringbool()]);

/** `explicit` ports are the user's own wish: when one is taken, that is an error; a default moves to the next free one. */
const flags = {
  port: {
    type: "string",
    env: "LOGWATCH_PORT",
    text: "status page (3000); 0 for any free one",
    schema: port.default(3000),
  },
  "graylog-port": {
    type: "string",
    env: "LOGWATCH_GRAYLOG_PORT",
    text: "Graylog's API (9000)",
    schema: port.default(9000),
  },
  "gelf-port": {
    type: "string",
    env: "LOGWATCH_GELF_PORT",
    text: "GELF by HTTP and UDP (12201); TCP beside it",
    schema: port.default(12_201),
  },
  "mailbox-port": {
    type: "string",
    env: "LOGWATCH_MAILBOX_PORT",
    text: "mailbox page (8025)",
    schema: port.default(8025),
  },
  data: {
    type: "string",
    env: "LOGWATCH_DATA",
    text: "folder that keeps everything (.logwatch)",
    schema: z.string().min(1).default(".logwatch"),
  },
  fresh: { type: "boolean", env: "LOGWATCH_FRESH", text: "forget everything first", schema: flag.default(false) },
  watch: {
    type: "string",
    env: "LOGWATCH_WATCH",
    text: "watch file (examples/demo.yaml)",
    schema: z.string().min(1).default("examples/demo.yaml"),
  },
  "no-simulators": {
    type: "boolean",
    env: "LOGWATCH_NO_SIMULATORS",
    text: "send no logs of our own",
    schema: flag.default(false),
  },
  json: {
    type: "boolean",
    env: "LOGWATCH_JSON",
    text: "print one line of JSON with every address once ready",
    schema: flag.default(false),
  },
} as const;
type FlagName = keyof typeof flags;

export type StartOptions = { [Name in FlagName]: z.output<(typeof flags)[Name]["schema"]> } & {
  explicit: ReadonlySet<string>;
};

export const help = (): string => {
  const rows = Object.entries(flags).map(([name, { env, text, type }]) => {
    const value = type === "boolean" ? "" : name === "data" ? " DIR" : name === "watch" ? " FILE" : " N";
    return `  ${`--${name}${value}`.padEnd(22)}${env.padEnd(26)}${text}`;
  });
  return [
    "Usage: npm start -- [flags]",
    "",
    "Starts all of LogWatch on this machine: simulated services, a log store, the pipeline, a mailbox.",
    "",
    `  ${"flag".padEnd(22)}${"environment".padEnd(26)}meaning (default)`,
    ...rows,
    `  ${"--help".padEnd(48)}this page`,
    "",
    "Further settings are environment variables: see functions/lib/config.ts.",
  ].join("\n");
};

export const readOptions = (
  args: string[],
  environment: Readonly<Record<string, string | undefined>>,
): Result<StartOptions | "help", string> => {
  let values: Record<string, string | boolean | undefined>;
  try {
    const options = Object.fromEntries(Object.entries(flags).map(([name, { type }]) => [name, { type }]));
    values = parseArgs({ args, options: { ...options, help: { type: "boolean" } }, allowPositionals: false }).values;
  } catch (error) {
    return fail(`${error instanceof Error ? error.message.split(". ")[0] : String(error)}. See: npm start -- --help`);
  }
  if (values.help) return ok("help");
  const given = Object.fromEntries(
    Object.entries(flags).map(([name, { env }]) => [name, values[name] ?? environment[env]]),
  );
  const parsed = z
    .object(Object.fromEntries(Object.entries(flags).map(([name, { schema }]) => [name, schema])))
    .safeParse(given);
  if (parsed.success) {
    const explicit = new Set(Object.keys(given).filter((name) => given[name] !== undefined));
    return ok({ ...asOptions(parsed.data), explicit });
  }
  const problems = parsed.error.issues.map((issue) => {
    const name = String(issue.path[0]);
    const isFlag = values[name] !== undefined;
    return `${isFlag ? `--${name}` : Object.entries(flags).find(([one]) => one === name)?.[1].env}: ${issue.message}`;
  });
  return fail(`${problems.join("; ")}. See: npm start -- --help`);
};

/** Safe: the object was parsed by exactly these schemas; a record built from entries only loses their names. */
const asOptions = (parsed: Record<string, unknown>) =>
  parsed as { [Name in FlagName]: z.output<(typeof flags)[Name]["schema"]> };
