// Configurations for tests: any that a watch file can declare, with names and texts that are easily taken for something else.
import { nameSigns } from "@logwatch/events/api";
import fc from "fast-check";
import { quote } from "../lib/lucene.ts";
import { alignedStart } from "../lib/slots.ts";
import type {
  Configuration,
  DestinationRecord,
  JobRecord,
  RuleRecord,
  ServiceRecord,
  SourceRecord,
} from "../storage/configuration.ts";
import { slug } from "./watch-ids.ts";

export const now = Date.UTC(2026, 10, 22, 12, 0, 17);
export const ownerId = "01J0000000000000000000000A";
export const seal = (plain: string) => `sealed(${plain})`;
export const open = (sealed: string) => sealed.slice("sealed(".length, -1);

/** Texts that YAML, variables or people could take for something else. */
const odd = fc.constantFrom(
  "yes",
  "null",
  "1.0",
  "- a",
  "# x",
  "a: b",
  "'",
  '"',
  `$${"{HOME}"}`,
  `$$${"{X:-y}"}`,
  "{a}",
  "é",
  "日本",
  "&a",
  "*",
  "%",
);
const text = fc.oneof(
  odd,
  fc.string({ unit: "binary", maxLength: 12 }),
  fc.string({ unit: "grapheme", maxLength: 12 }),
);
const name = fc.tuple(odd, fc.string({ unit: "grapheme", maxLength: 10 }), fc.nat(999)).map((parts) =>
  [...parts.join("")]
    .filter((sign) => nameSigns.pattern.test(sign))
    .join("")
    .trim(),
);
const named = <Item>(item: fc.Arbitrary<Item>, maxLength: number) =>
  fc.uniqueArray(fc.tuple(name, item), { maxLength, selector: ([one]) => slug(one) });

const source = fc.record({
  isToken: fc.boolean(),
  secret: fc.string({ minLength: 8, maxLength: 12 }).map((one) => `hunter2${one}`),
  retries: fc.option(fc.nat(5), { nil: undefined }),
  streams: fc.option(fc.array(fc.constant("0123456789abcdef01234567"), { maxLength: 2 }), { nil: undefined }),
});
const destination = fc.record({
  isChat: fc.boolean(),
  enabled: fc.boolean(),
  maxPerHour: fc.constantFrom(1, 120, 10_000),
});
const seconds = fc.constantFrom(1, 10, 30, 60, 90, 300, 3600, 86_400);
const span = fc.constantFrom(0, 250, 1000, 90_000, 14_400_000, 604_800_000);
const gap = fc.constantFrom("keep" as const, "alert" as const, "ok" as const);
const rule = fc.record({
  where: fc.dictionary(fc.constant("address"), text),
  severity: fc.constantFrom("info" as const, "warning" as const, "critical" as const),
  holdMs: span,
  clearAfterMs: span,
  repeatMs: span,
  repeatGrowth: fc.constantFrom(1, 1.5, 2, 10),
  tellResolved: fc.boolean(),
  onFailure: gap,
  onNoData: gap,
  maxExamples: fc.constantFrom(1, 10, 50),
  maxTracked: fc.constantFrom(1, 1000),
  flappingChanges: fc.constantFrom(0, 6, 1000),
  flappingMs: fc.constantFrom(1000, 3_600_000, 604_800_000),
  enabled: fc.boolean(),
  to: fc.uniqueArray(fc.nat(5), { maxLength: 3 }),
});
const job = fc.record({
  service: fc.nat(5),
  every: seconds,
  windows: fc.constantFrom(1, 2, 6),
  delayMs: fc.constantFrom(0, 30_000, 45_500),
  enabled: fc.boolean(),
  params: fc.oneof(fc.constant({}), fc.record({ userField: fc.constantFrom("user", "win.user") })),
  rules: named(rule, 3),
});

export const configurations: fc.Arbitrary<Configuration> = fc
  .tuple(named(source, 3), named(fc.tuple(fc.nat(5), text), 3), named(destination, 3), named(job, 3))
  .map(([sources, services, destinations, jobs]) => buildConfiguration(sources, services, destinations, jobs));

type Of<Arbitrary> = Arbitrary extends fc.Arbitrary<infer Value> ? Value : never;
type Named<Item> = readonly [string, Item][];

export const buildConfiguration = (
  sources: Named<Of<typeof source>>,
  services: Named<[number, string]>,
  destinations: Named<Of<typeof destination>>,
  jobs: Named<Of<typeof job>>,
): Configuration => {
  const pick = <Item>(items: readonly Item[], index: number): Item | undefined => items[index % (items.length || 1)];
  const sourceRecords = sources.map(
    ([name, one], index): SourceRecord => ({
      id: `01S${index}`,
      name,
      kind: "graylog",
      params: {
        url: "https://graylog.example.com",
        ...(one.isToken ? {} : { username: "reader" }),
        ...(one.retries === undefined ? {} : { retries: one.retries }),
        ...(one.streams === undefined ? {} : { streams: one.streams }),
      },
      secret: seal(JSON.stringify(one.isToken ? { token: one.secret } : { password: one.secret })),
    }),
  );
  const serviceRecords = services.map(
    ([name, [at, value]], index): ServiceRecord => ({
      id: `01V${index}`,
      name,
      sourceId: pick(sourceRecords, at)?.id ?? "local",
      filter: index === 0 ? "*" : `user:${quote(value)}`,
      colour: index === 0 ? "#5b7fa6" : "#AB00cd",
    }),
  );
  const destinationRecords = destinations.map(
    ([name, { isChat, enabled, maxPerHour }], index): DestinationRecord => ({
      id: `01D${index}`,
      name,
      channel: isChat ? "slack" : "email",
      address: isChat ? {} : { to: [`one${index}@example.com`, "two@example.com"] },
      secret: isChat ? seal(JSON.stringify({ url: `https://hooks.slack.com/services/T/B/hunter2${index}` })) : "",
      enabled,
      maxPerHour,
      confirmedAt: index === 0 ? null : now - index,
    }),
  );
  const jobRecords = (serviceRecords.length === 0 ? [] : jobs).map(
    ([name, one], index): JobRecord => ({
      id: `01J${index}`,
      name,
      analysis: "failed-logins",
      params: one.params,
      serviceId: pick(serviceRecords, one.service)?.id ?? "",
      everyMs: one.every * 1000,
      windowMs: Math.min(one.every * one.windows * 1000, 604_800_000),
      delayMs: one.delayMs,
      enabled: one.enabled,
      ownerId,
      startAt: alignedStart(now, one.every * 1000),
    }),
  );
  const rules = jobRecords.flatMap((record, at) =>
    (jobs[at]?.[1].rules ?? []).map(
      ([name, { where, to, ...one }], index): RuleRecord => ({
        ...one,
        id: `01R${at}-${index}`,
        jobId: record.id,
        name,
        kind: "threshold",
        params: { measurement: "failed_logins_by_address", where, limit: index + 0.5 },
        destinationIds: [...new Set(to.flatMap((destination) => pick(destinationRecords, destination)?.id ?? []))],
      }),
    ),
  );
  return {
    sources: sourceRecords,
    services: serviceRecords,
    destinations: destinationRecords,
    jobs: jobRecords,
    rules,
  };
};

/** A rule with nothing but defaults. */
export const plainRule: Of<typeof rule> = {
  where: {},
  severity: "warning",
  holdMs: 0,
  clearAfterMs: 0,
  repeatMs: 14_400_000,
  repeatGrowth: 2,
  tellResolved: true,
  onFailure: "keep",
  onNoData: "keep",
  maxExamples: 10,
  maxTracked: 1000,
  flappingChanges: 6,
  flappingMs: 3_600_000,
  enabled: true,
  to: [],
};
