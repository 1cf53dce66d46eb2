// `npm start`: all of LogWatch on this machine. Says where everything is, and ends cleanly on Ctrl-C.
import { help, readOptions } from "./options.ts";
import { type Addresses, startStack } from "./stack/start-stack.ts";

process.env.AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED ??= "true";

/** A clean end takes less; whatever hangs longer is cut off. */
const stopWithinMs = 2500;

const describe = ({ dashboard, api, mailbox, graylog, gelf }: Addresses, watch: string): string =>
  [
    "",
    "LogWatch is running.",
    `  Mailbox    ${mailbox}      what it sends, e-mail and Slack`,
    `  API        ${api}/docs      everything a user can do, to read`,
    `  Status     ${dashboard}      what was owed, the books, the ledger`,
    `  Log store  ${graylog.url}      Graylog's API; ${graylog.username} / ${graylog.password}`,
    `  GELF       HTTP and UDP ${gelf.http}, TCP ${gelf.tcp}`,
    `  Watching   ${watch}`,
    "",
    "Ctrl-C ends it; the next start goes on where it was.",
  ].join("\n");

const main = async (): Promise<void> => {
  const read = readOptions(process.argv.slice(2), process.env);
  if (!read.ok) throw new Error(read.error);
  if (read.value === "help") return console.log(help());
  const options = read.value;
  const stack = await startStack(options, process.env, (text) => console.error(text));
  const stop = (signal: NodeJS.Signals) => {
    console.error(`\n${signal === "SIGINT" ? "Ctrl-C" : signal}: ending …`);
    setTimeout(() => process.exit(1), stopWithinMs).unref();
    stack.stop().then(
      () => process.exit(0),
      (error: unknown) => end(error),
    );
  };
  process.once("SIGINT", stop);
  process.once("SIGTERM", stop);
  if (options.json) console.log(JSON.stringify({ ready: true, ...stack.addresses }));
  else console.log(describe(stack.addresses, options.watch));
};

/** One clear sentence, whatever went wrong. */
const end = (error: unknown): void => {
  const text = error instanceof Error ? error.message : String(error);
  const isFull = /SQLITE_FULL|ENOSPC|is full|no room left/i.test(text);
  console.error(isFull ? `The disk is full: ${text}. Make room, or choose another folder with --data.` : text);
  process.exit(1);
};

process.on("uncaughtException", end);
process.on("unhandledRejection", end);
main().catch(end);
