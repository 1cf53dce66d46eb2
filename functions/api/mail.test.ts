// Mails of the system over the SES stand-in: who gets them, where their token stands, and that names in them are inert.
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { createFaults } from "../../simulators/cloud/faults.ts";
import { type Mailbox, startMailbox } from "../../simulators/cloud/mailbox/mailbox.ts";
import { readConfig } from "../lib/config.ts";
import { openMail, type SystemMail } from "./mail.ts";

const faults = createFaults();
let mailbox: Mailbox;
beforeAll(async () => {
  mailbox = await startMailbox({ port: 0, file: ":memory:", faults });
});
afterAll(() => mailbox.close());
beforeEach(() => fetch(`${mailbox.url}/messages.json`, { method: "DELETE" }));

const send = (mail: SystemMail, dashboard?: string) => {
  const config = readConfig({
    LOGWATCH_SECRETS_KEY: Buffer.alloc(32, 1).toString("base64"),
    AWS_ENDPOINT_URL_SES: mailbox.sesEndpoint,
    ...(dashboard === undefined ? {} : { LOGWATCH_DASHBOARD_URL: dashboard }),
  });
  return openMail(config)("m1", "user001@example.com", mail, new AbortController().signal);
};

const mails: SystemMail[] = [
  { kind: "reset", token: "the-token" },
  { kind: "invite", token: "the-token", invitedBy: "User002" },
  { kind: "confirm-destination", token: "the-token", destination: "Ops" },
];

test.each(mails.map((mail) => [mail.kind, mail] as const))(
  "%s: one reader, one link, its token behind the #",
  async (_, mail) => {
    for (const dashboard of ["https://logwatch.example.com", "https://example.com/logwatch/"]) {
      expect(await send(mail, dashboard)).toMatchObject({ ok: true });
      const [received] = mailbox.messages();
      expect(received?.to).toBe("user001@example.com");
      const links = [...(received?.html ?? "").matchAll(/href="([^"]+)"/g)].map(([, href = ""]) => new URL(href));
      expect(links.map(({ hash, search }) => hash + search)).toEqual(["#token=the-token"]);
      expect(links[0]?.href.startsWith(dashboard)).toBe(true);
    }
  },
);

test("without a dashboard the mail says the token", async () => {
  await send({ kind: "reset", token: "the-token" });
  expect(mailbox.messages()[0]?.text).toMatch(/Token: the-token/);
});

test("names in a mail are text: no markup, no header, no second line", async () => {
  const hostile = "<img src=x onerror=alert(1)>\r\nBcc: other@example.com\u202e";
  await send({ kind: "invite", token: "t", invitedBy: hostile });
  await send({ kind: "confirm-destination", token: "t", destination: hostile });
  for (const received of mailbox.messages()) {
    expect(received.to).toBe("user001@example.com");
    expect(received.html).not.toMatch(/<img/);
    const [head = ""] = received.raw.split(/\r?\n\r?\n/);
    expect(head).toMatch(/^Subject:/m);
    expect(head).not.toMatch(/^Bcc:/im);
  }
});

test("a provider that fails is told as a value", async () => {
  faults.add({ target: "ses", kind: "error", status: 400, calls: 1 });
  expect(await send({ kind: "reset", token: "t" })).toMatchObject({ ok: false, kind: "rejected" });
});
