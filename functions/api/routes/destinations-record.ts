// A destination between what people give and what is kept: its channel looked up, its address checked, its secrets sealed and never shown.
import { isDeepStrictEqual } from "node:util";
import type { DestinationInput, DestinationView } from "@logwatch/events/api";
import { secretFields } from "../../apply/split-secrets.ts";
import type { Channel } from "../../channels/channel.ts";
import { channelConfig } from "../../channels/channel-config.ts";
import * as channelPlugins from "../../channels/index.ts";
import type { Config } from "../../lib/config.ts";
import { registry } from "../../lib/registry.ts";
import { fail, ok, type Result } from "../../lib/result.ts";
import { seal } from "../../lib/secret.ts";
import { type DestinationRecord, isInstanceOwner, type Stored } from "../../storage/configuration.ts";
import { openSecrets, sealParams } from "../plugin-params.ts";
import { type Refusal, unprocessable } from "../refusal.ts";
import { agreedIn, settleAgreement } from "./destinations-agreed.ts";

export const channels = registry("channel", channelPlugins);

type Address = Record<string, unknown>;

/** As the API shows it. A secret that does not open any more counts as not set. What the operator declares was agreed to by that. */
export const viewOfDestination = (
  { item, ownerId, version, createdAt, updatedAt }: Stored<DestinationRecord>,
  key: string,
): DestinationView => {
  const { id, name, channel, address, maxPerHour, enabled, confirmedAt } = item;
  const secrets = Object.keys(secretsOf(item, key) ?? {});
  const kept = { version, createdAt, updatedAt, managedByFile: isInstanceOwner(ownerId) };
  return {
    id,
    name,
    channel,
    address,
    secrets,
    maxPerHour,
    enabled,
    confirmedAt: isInstanceOwner(ownerId) && confirmedAt !== null ? createdAt : confirmedAt,
    waitingFor: waitingFor(item, key),
    ...kept,
  };
};

/** Who must agree and has not. */
export const waitingFor = (item: DestinationRecord, key: string): string[] => {
  const needed = neededFor(item, key);
  const agreed = agreedIn(item, needed);
  return needed.filter((one) => !agreed.includes(one));
};

/** A new record with what was agreed to before. Where nobody needs to agree, it is agreed to as it is. */
export const settled = (
  record: DestinationRecord,
  before: DestinationRecord | undefined,
  now: number,
  { LOGWATCH_SECRETS_KEY: key }: Pick<Config, "LOGWATCH_SECRETS_KEY">,
): DestinationRecord =>
  settleAgreement(record, neededFor(record, key), before, before ? neededFor(before, key) : [], now);

/** Who must agree to it. */
export const neededFor = (item: DestinationRecord, key: string): string[] => {
  const address = wholeAddress(item, key);
  return address ? (channels.find(item.channel)?.confirms(address) ?? []) : [];
};

/** With its secret parts; undefined when they were sealed under another key. */
export const wholeAddress = (item: DestinationRecord, key: string): Address | undefined => {
  const secrets = secretsOf(item, key);
  return secrets && { ...item.address, ...secrets };
};

const secretsOf = ({ channel, secret }: DestinationRecord, key: string): Address | undefined => {
  try {
    return openSecrets(secret, key, secretFields(channels.find(channel)?.address));
  } catch {
    // What was thrown is not passed on: an error of JSON quotes the text it read.
    return undefined;
  }
};

/** The record of what was given; `before` is what it replaces. Whether it is agreed to is not settled yet. */
export const recordOf = (
  id: string,
  { name, channel: channelId, address: given, maxPerHour, enabled }: DestinationInput,
  before: DestinationRecord | undefined,
  config: Config,
): Result<DestinationRecord, Refusal> => {
  const channel = channelOf(channelId);
  if (!channel.ok) return channel;
  const key = config.LOGWATCH_SECRETS_KEY;
  const known = secretFields(channel.value.address);
  const isCleared = (field: string) => known.has(field) && given[field] === null;
  const address = Object.fromEntries(Object.entries(given).filter(([field]) => !isCleared(field)));
  const stays = staying(address, isCleared, before?.channel === channelId ? before : undefined, known, key);
  if (!stays.ok) return stays;
  const sealed = sealParams(channel.value.address, address, stays.value, key, "body.address");
  if (!sealed.ok) return sealed;
  const { params, secret } = sealed.value;
  const record = { id, name, channel: channelId, address: params, secret, maxPerHour, enabled, confirmedAt: null };
  const refusals = refusalsOf(channel.value, record, config);
  if (refusals.length > 0)
    return fail(unprocessable(refusals.map(({ field, rule }) => ({ path: `body.address.${field}`, rule }))));
  return ok(record);
};

/** What the configuration forbids of its address. */
export const refusalsOf = (channel: Channel, record: DestinationRecord, config: Config) => {
  const address = wholeAddress(record, config.LOGWATCH_SECRETS_KEY);
  return address ? channel.refuses(address, channelConfig(config)) : [];
};

/** The secrets that were left out and stay, sealed. */
const staying = (
  given: Address,
  isCleared: (field: string) => boolean,
  before: DestinationRecord | undefined,
  known: ReadonlySet<string>,
  key: string,
): Result<string, Refusal> => {
  const kept = before ? Object.entries(secretsOf(before, key) ?? {}) : [];
  const untold = kept.filter(([field]) => !isCleared(field) && !Object.hasOwn(given, field));
  if (untold.length === 0 || !before) return ok("");
  const open = Object.fromEntries(Object.entries(given).filter(([field]) => !known.has(field)));
  // Whoever may change the address must not have a secret they never knew sent to an address of theirs.
  const rule = "must be given again, as the rest of the address is another one";
  if (!isDeepStrictEqual(open, { ...before.address }))
    return fail(unprocessable(untold.map(([field]) => ({ path: `body.address.${field}`, rule }))));
  return ok(seal(JSON.stringify(Object.fromEntries(untold)), key));
};

const channelOf = (id: string): Result<Channel, Refusal> => {
  const channel = channels.find(id);
  if (channel) return ok(channel);
  const known = channels.all.map((one) => one.id).join(", ");
  return fail(unprocessable([{ path: "body.channel", rule: `there is no such channel; known: ${known}` }]));
};
