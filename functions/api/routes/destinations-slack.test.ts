// Addresses of Slack: its own host alone, over https, whatever else is written.
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { createApiOpener, type Identity, type TestApi } from "../../../simulators/stack/test-api.ts";
import { type DestinationWorld, openDestinations } from "../../../simulators/stack/test-destinations.ts";

const opener = createApiOpener();
let world: DestinationWorld;
beforeAll(async () => {
  world = await openDestinations(opener);
});
beforeEach(async () => {
  await fetch(`${world.api.mailbox.url}/messages.json`, { method: "DELETE" });
});
afterAll(opener.closeAll);

describe("hard cases 4, 5 and 8: Slack's host alone, over https", () => {
  const path = "/services/T1/B1/XXtokenXX";
  const hosts = [
    ...[
      "169.254.169.254",
      "169.254.170.2",
      "127.1",
      "2852039166",
      "0xa9fea9fe",
      "１６９.254.169.254",
      "169.254.169.254.",
    ],
    ...["[::169.254.169.254]", "[::ffff:a9fe:a9fe]", "[64:ff9b::a9fe:a9fe]", "[2002:a9fe:a9fe::]", "[fd00:ec2::254]"],
    ...["100.100.100.200", "192.0.0.192", "localhost", "10.0.0.1", "[::1]"],
    ...["hooks.slack.com@evil.example", "hooks.slack.com.evil.example", "hooks.slаck.com", "evil-hooks.slack.com"],
    ...[
      "user:pass@hooks.slack.com",
      "hooks.slack.com:8443",
      "hooks.slack.com%2eevil.example",
      "hooks.slack.com\\@evil.example",
    ],
  ];
  const urls = [
    ...hosts.map((host) => `https://${host}${path}`),
    ...[
      `http://hooks.slack.com${path}`,
      `file://${path}`,
      `gopher://hooks.slack.com${path}`,
      `//hooks.slack.com${path}`,
    ],
    ...[
      `https://hooks.slack.com${path}\r\nHost: evil.example`,
      `https://hooks.slack.com/\t${path}`,
      ` https://hooks.slack.com${path}`,
    ],
    ...[
      `https://hooks.slack.com${path}?x=1`,
      `https://hooks.slack.com${path}#x`,
      "https://hooks.slack.com/api/chat.postMessage",
    ],
  ];
  test.each(urls)("%j is refused with its path, nothing is stored, and its token is not repeated", async (url) => {
    const { slack } = world;
    const strict = await strictApi();
    const { rows: before } = await strict.api.db.execute("SELECT COUNT(*) AS n FROM destinations");
    const refused = await strict.api.call("POST", "/destinations", { as: strict.user, body: slack(url) });
    expect(refused.status, refused.text).toBe(422);
    expect(refused.body.errors).toMatchObject([{ path: "body.address.url" }]);
    expect(refused.text).not.toContain("XXtoken");
    const { rows: after } = await strict.api.db.execute("SELECT COUNT(*) AS n FROM destinations");
    expect(after).toEqual(before);
  });

  test("Slack's own is taken, and changing it to another host is refused", async () => {
    const { slack, change } = world;
    const strict = await strictApi();
    const body = slack(`https://hooks.slack.com${path}`);
    const created = await strict.api.call("POST", "/destinations", { as: strict.user, body });
    expect(created.status, created.text).toBe(201);
    const changed = await strict.api.call("PUT", `/destinations/${created.body.id}`, {
      as: strict.user,
      body: change(slack(`https://evil.example${path}`)),
      headers: { "if-match": "*" },
    });
    expect(changed.body.errors).toMatchObject([{ path: "body.address.url" }]);
  });

  let strictOnes: Promise<{ api: TestApi; user: Identity }> | undefined;
  /** With Slack's own host in the list, as in production. */
  const strictApi = () => {
    strictOnes ??= opener
      .open({ LOGWATCH_SLACK_HOSTS: "hooks.slack.com" })
      .then(async (opened) => ({ api: opened, user: await opened.user("strict") }));
    return strictOnes;
  };
});
