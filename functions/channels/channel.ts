// The contract of a channel: carries one neutral message to one address. It only sends and translates; escaping is its job.
import type { Message } from "@logwatch/events";
import type * as z from "zod";

/** What a channel needs from outside; set by the handler from lib/config.ts. */
export type ChannelConfig = {
  /** Sender of e-mails. */
  emailFrom: string;
  awsRegion: string;
  /** Only on a laptop: where the SES stand-in listens. */
  sesEndpoint?: string | undefined;
  /** Hosts a Slack address may name: Slack's own, and on a laptop the stand-in's. */
  slackHosts: readonly string[];
  timeoutMs: number;
};

/** `notificationId` travels with the message, so that a double is seen as one. */
export type Outgoing = { notificationId: string; message: Message };

export type Delivery =
  | { ok: true; providerId: string }
  | {
      ok: false;
      /** Short literal, e.g. `throttled`, `rejected`, `unreachable`, `not-found`, `bad-address`. */
      kind: string;
      /** In words, without secrets. */
      message: string;
      retryable: boolean;
      /** How long the provider asked us to wait, ms. */
      afterMs?: number;
    };

export type Send = (outgoing: Outgoing, address: unknown, signal: AbortSignal) => Promise<Delivery>;

export type Channel = {
  id: string;
  title: string;
  description: string;
  /** Schema of a destination's address. Secret parts carry `.meta({ secret: true })`. */
  address: z.ZodType;
  /** Who of an address must agree, by a mailed link, before anything else is sent there; mostly nobody. */
  confirms: (address: unknown) => string[];
  /** What this configuration forbids of an address that is of the right shape. Nobody is asked over the network. */
  refuses: (address: unknown, config: ChannelConfig) => AddressRefusal[];
  open: (config: ChannelConfig) => Send;
};

/** `field` of the address, and the rule it breaks. */
export type AddressRefusal = { field: string; rule: string };

/** Closes over the schema. An address that does not fit is a failed delivery (`bad-address`), not an exception. */
export const defineChannel = <Address extends z.ZodType>(channel: {
  id: string;
  title: string;
  description: string;
  address: Address;
  confirms?: (address: z.output<Address>) => readonly string[];
  refuses?: (address: z.output<Address>, config: ChannelConfig) => AddressRefusal[];
  open: (
    config: ChannelConfig,
  ) => (outgoing: Outgoing, address: z.output<Address>, signal: AbortSignal) => Promise<Delivery>;
}): Channel => ({
  ...channel,
  confirms: (address) => {
    const parsed = channel.address.safeParse(address);
    return parsed.success ? [...new Set(channel.confirms?.(parsed.data) ?? [])] : [];
  },
  refuses: (address, config) => {
    const parsed = channel.address.safeParse(address);
    return parsed.success ? (channel.refuses?.(parsed.data, config) ?? []) : [];
  },
  open: (config) => {
    const send = channel.open(config);
    return async (outgoing, address, signal) => {
      const parsed = channel.address.safeParse(address);
      if (parsed.success) return send(outgoing, parsed.data, signal);
      const problem = parsed.error.issues
        .map(({ path, message }) => (path.length === 0 ? message : `${path.join(".")}: ${message}`))
        .join("; ");
      return { ok: false, kind: "bad-address", message: problem, retryable: false };
    };
  },
});
