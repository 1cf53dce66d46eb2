// Destinations as the API takes and shows them: a channel and an address. Secret parts go in and never come out.
import * as z from "zod";
import { instant } from "../instant.ts";
import { id, name } from "./id.ts";
import { pluginId, pluginParams } from "./plugin-input.ts";

const maxPerHour = z
  .number()
  .int()
  .min(1)
  .max(10_000)
  .meta({ description: "Most messages in an hour; further ones are suppressed as `rate-limited`." });
const enabled = z.boolean().meta({ description: "Off: nothing is sent there." });
const settings = {
  name: name.meta({ description: "What people call it; unique among the destinations of its owner." }),
  channel: pluginId.meta({ description: "Id of a channel plug-in: `email`, `slack`." }),
  address: pluginParams.meta({
    description:
      "Where to, as the channel's own schema says. Secret parts are written and never shown; left out of a change, they stay; null takes them away.",
  }),
};

/** What people set. */
export const destinationInput = z.strictObject({
  ...settings,
  maxPerHour: maxPerHour.default(120),
  enabled: enabled.default(true),
});
export type DestinationInput = z.output<typeof destinationInput>;

/** All of a destination as it is to be. What would be lost by being forgotten must be said. */
export const destinationChange = z.strictObject({ ...settings, maxPerHour, enabled });

export const destination = z.object({
  id,
  name,
  channel: z.string(),
  address: z.record(z.string(), z.unknown()),
  secrets: z.array(z.string()).meta({ description: "Names of the secret parts that are set." }),
  maxPerHour: z.number().int(),
  enabled: z.boolean(),
  confirmedAt: instant
    .nullable()
    .meta({ description: "Since when everybody who is told there has agreed; null: not yet." }),
  waitingFor: z
    .array(z.string())
    .meta({ description: "Who has not agreed yet. Until all have, nothing but that question is sent." }),
  version: z.number().int(),
  createdAt: instant,
  updatedAt: instant,
  managedByFile: z.boolean().meta({ description: "True: it is changed in the instance's watch file, not here." }),
});
export type DestinationView = z.output<typeof destination>;

const asked = z.array(
  z.object({
    address: z.string(),
    mailed: z.boolean().meta({ description: "True: a link to agree by is on its way. It works once, for 24 hours." }),
    reason: z.string().nullable().meta({ description: "Why no mail was sent, in words." }),
  }),
);

/** What a change answers: the destination, and who was asked because of it. */
export const destinationSaved = destination.extend({
  asked: asked.meta({ description: "Who was asked to agree just now." }),
});
export type Asked = z.output<typeof asked>;

export const confirmationRequest = z.object({ asked });

export const confirmationInput = z.strictObject({
  token: z.string().min(1).max(200).meta({ description: "From the mailed link, behind `#token=`." }),
});

export const confirmation = z.object({
  name: z.string().meta({ description: "Of the destination." }),
  address: z.string().meta({ description: "Who agreed." }),
  complete: z.boolean().meta({ description: "True: everybody has agreed, and messages are sent from now on." }),
});

/** What the provider says of a message for a test; one that refuses is a good answer to the question. */
export const destinationTest = z.discriminatedUnion("ok", [
  z.object({
    ok: z.literal(true),
    providerId: z.string().meta({ description: "The provider's own id of the message." }),
    tookMs: z.number().int(),
  }),
  z.object({
    ok: z.literal(false),
    kind: z.string().meta({ description: "Kind of the failure: `throttled`, `rejected`, `not-found`, …" }),
    message: z.string().meta({ description: "What is wrong, in words." }),
    retryable: z.boolean().meta({ description: "True: it may pass by itself." }),
    tookMs: z.number().int(),
  }),
]);
export type DestinationTest = z.output<typeof destinationTest>;
