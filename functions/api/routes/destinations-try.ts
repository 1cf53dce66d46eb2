// A test message to a destination: sent at once, once, and what the provider says of it.
import type { Message } from "@logwatch/events";
import { type DestinationTest, destinationTest } from "@logwatch/events/api";
import { channelConfig } from "../../channels/channel-config.ts";
import type { DestinationRecord } from "../../storage/configuration.ts";
import type { Caller } from "../authenticate.ts";
import type { ApiPorts } from "../ports.ts";
import { refuse } from "../refusal.ts";
import { answer, defineRoute, type Route } from "../route.ts";
import { channels, wholeAddress } from "./destinations-record.ts";

/** The gateway waits 30 s. */
const limitMs = 20_000;

export const destinationTestRoutes: Route[] = [
  defineRoute("testDestination", {
    method: "POST",
    path: "/destinations/{destinationId}/test",
    area: "destinations",
    title: "Send a test message",
    description:
      "At once, and never again by itself. A provider that refuses it is told with its reason, as 200. At most 10 an hour.",
    reply: destinationTest,
    example: {
      params: { destinationId: "01K0000000000000000000DEST" },
      reply: {
        ok: false,
        kind: "not-found",
        message: "Slack answered 404: no_service",
        retryable: false,
        tookMs: 120,
      },
    },
    handle: async ({ caller, object: { found } }, ports) => {
      if (found.item.confirmedAt === null)
        return refuse(
          409,
          "unconfirmed",
          "Not everybody who is told there has agreed yet. They find a link in their mail.",
        );
      const limited = await ports.limits.take("testOfDestination", found.item.id);
      if (limited) return limited;
      const after = await sendTest(found.item, caller, ports);
      return answer(after, {
        audit: { action: "destination.tested", kind: "destination", objectId: found.item.id, after },
      });
    },
  }),
];

const sendTest = async (item: DestinationRecord, { user }: Caller, ports: ApiPorts): Promise<DestinationTest> => {
  const { config, now, newId } = ports;
  const begunAt = now();
  const channel = channels.find(item.channel);
  const address = wholeAddress(item, config.LOGWATCH_SECRETS_KEY);
  if (!channel) return failed(`There is no channel "${item.channel}" here.`);
  if (!address) return failed("Its secret does not open any more. Set the address again.");
  const message = testMessage(item.name, user.name, config.LOGWATCH_DASHBOARD_URL);
  const send = channel.open(channelConfig(config));
  const sent = await send({ notificationId: `test-${newId()}`, message }, address, AbortSignal.timeout(limitMs));
  const tookMs = now() - begunAt;
  if (sent.ok) return { ok: true, providerId: sent.providerId, tookMs };
  return { ok: false, kind: sent.kind, message: sent.message, retryable: sent.retryable, tookMs };
};

const failed = (message: string): DestinationTest => ({
  ok: false,
  kind: "bad-address",
  message,
  retryable: false,
  tookMs: 0,
});

/** Names are given by people: a channel makes them harmless, as all text. */
const testMessage = (destination: string, sender: string, dashboard: string | undefined): Message => ({
  title: "This is a test: nothing is wrong",
  severity: "info",
  status: "note",
  lines: [
    `${sender} sent this test to the destination "${destination}". Alerts of LogWatch will look like this.`,
    "Nobody needs to do anything.",
  ],
  fields: [{ name: "test", value: "yes" }],
  examples: [],
  links: dashboard === undefined ? [] : [{ title: "Open LogWatch", url: dashboard }],
});
