// For tests of watch files over HTTP: two users, things of all kinds, and a hash of the whole database.
import { createHash } from "node:crypto";
import { inputError } from "@logwatch/events/api";
import Database from "libsql";
import * as z from "zod";
import type { Identity, TestApi, TestResponse } from "./test-api.ts";

export type WatchWorld = Awaited<ReturnType<typeof openWatch>>;
/** As the API takes requests of tests, and Slack's host as in production. */
export const watchSettings = { LOGWATCH_REQUESTS_PER_USER: "1000000", LOGWATCH_SLACK_HOSTS: "hooks.slack.com" };

let people = 0;

/** With two users of its own. */
export const openWatch = async (api: TestApi) => {
  people += 1;
  const [me, them] = [await api.user(`user001${people}`), await api.user(`user002${people}`)];
  const make = async (path: string, body: object, as: Identity = me): Promise<string> => {
    const made = await api.call("POST", path, { as, body });
    if (made.status !== 201) throw new Error(made.text);
    return String(made.body.id);
  };
  const get = async (path: string, as: Identity = me) => (await api.call("GET", path, { as })).body;
  const exported = async (as: Identity = me) => {
    const { status, text, headers } = await api.call("GET", "/watch", { as });
    if (status !== 200) throw new Error(text);
    return { text, etag: headers.etag ?? "" };
  };
  const apply = (file: string, more: object = { dryRun: false }, as: Identity = me, headers = {}) =>
    api.call("POST", "/watch", { as, body: { file, ...more }, headers });

  /** Something of everything: secrets, names that look like variables, rules of all kinds, things of others that one may use. */
  const buildAll = async () => {
    const [central, other] = [await make("/sources", source("Central")), await make("/sources", source("central"))];
    const auth = await make("/services", { name: "auth", sourceId: central, filter: "service:auth AND NOT level:7" });
    const dns = await make("/services", {
      name: `dns $${"{HOME}"} "x"`,
      sourceId: other,
      filter: "*",
      colour: "#AB00cd",
    });
    const theirs = await make(
      "/services",
      { name: "auth", sourceId: await make("/sources", source("his"), them) },
      them,
    );
    await api.storage.members.put(theirs, me.user.id, "editor", api.clock.now);
    const chat = await make("/destinations", slack("chat"));
    const mail = await make("/destinations", {
      name: "mail",
      channel: "email",
      address: { to: [`one${people}@example.com`, `two${people}@example.com`] },
      enabled: false,
      maxPerHour: 3,
    });
    const agreed = api.mailbox.messages().find(({ to }) => to === `one${people}@example.com`);
    const token = /#token=([\w-]{43})/.exec(agreed?.text ?? "")?.[1];
    const { headers } = me;
    await api.call("POST", "/destinations/confirm", { body: { token }, headers });
    const rule = (name: string, more: object) => ({ name, kind: "threshold", params: threshold, ...more });
    const first = await make(
      "/jobs",
      job("failed logins", auth, {
        window: "1m",
        delay: "45s",
        params: { userField: "win.user" },
        rules: [
          rule("brute force", {
            hold: "90s",
            clearAfter: "5m",
            repeat: "1h",
            repeatGrowth: 1.5,
            destinationIds: [chat, mail],
          }),
          rule("flaps", { flapping: { changes: 3, within: "30m" }, severity: "critical", tellResolved: false }),
          rule("quiet", {
            kind: "absence",
            params: { measurement: "failed_logins" },
            onFailure: "alert",
            onNoData: "ok",
          }),
          rule("off", {
            enabled: false,
            maxExamples: 1,
            maxTracked: 5,
            params: { ...threshold, where: { address: "192.0.2.7" } },
          }),
        ],
      }),
    );
    const shared = await make(
      "/jobs",
      job("on his service", theirs, { enabled: false, rules: [rule("told", { destinationIds: [chat] })] }),
    );
    await make("/jobs", job("plain", dns));
    return { central, other, auth, dns, theirs, chat, mail, first, shared };
  };

  /** All of the database. */
  const hashOf = () => {
    const db = new Database(api.file);
    const hash = createHash("sha256");
    const tables = db.prepare("SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%'").all();
    for (const table of tables) {
      const { name } = Object(table);
      hash.update(JSON.stringify([name, db.prepare(`SELECT * FROM ${name} ORDER BY 1, 2`).raw().all()]));
    }
    db.close();
    return hash.digest("hex");
  };
  return { api, me, them, people, make, get, exported, apply, buildAll, hashOf };
};

type Told = Pick<TestResponse, "body">;
/** What is wrong with a file, in words. */
export const rulesIn = ({ body }: Told): string[] => {
  const errors = z.array(inputError).parse(body.errors);
  if (errors.some(({ path }) => path !== "body.file")) throw new Error("An error is not the file's.");
  return errors.map(({ rule }) => rule);
};
/** What a file changes, in words. */
export const wordsIn = ({ body }: Told): string[] =>
  z
    .array(z.object({ words: z.string() }))
    .parse(body.differences)
    .map(({ words }) => words);

export const source = (name: string, token = "XXtokenXX") => ({
  name,
  kind: "graylog",
  params: { url: "https://graylog.example.com", token },
});
export const slack = (name: string) => ({
  name,
  channel: "slack",
  address: { url: "https://hooks.slack.com/services/T1/B1/XXtokenXX" },
});
const threshold = { measurement: "failed_logins_by_address", limit: 10 };
export const job = (name: string, serviceId: string, more: object = {}) => ({
  name,
  serviceId,
  analysis: "failed-logins",
  every: "10s",
  ...more,
});
