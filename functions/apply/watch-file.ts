// Apply step: the schema of a watch file, services, jobs, rules and destinations as code. Durations are text outside, ms inside.
import * as z from "zod";
import { duration } from "../lib/duration.ts";

const second = 1000;
const day = 86_400_000;

const name = z
  .string()
  .trim()
  .min(1)
  .max(80)
  // biome-ignore lint/suspicious/noControlCharactersInRegex: names reach mail headers and logs, where a control character forges a line.
  .regex(/^[^\u0000-\u001f\u007f]*$/, "must not contain control characters")
  .meta({ description: "What people call it; unique among its kind in the file." });

const params = z
  .record(z.string(), z.unknown())
  .default({})
  .meta({ description: "Parameters of the plug-in, as its own schema says." });

/** All of them may change in one evaluation, and its `alert.updated` must fit into one record of Kafka (1 MiB). */
const mostTracked = 1000;

const gapPolicy = z.enum(["keep", "alert", "ok"]);

const source = z.strictObject({
  name,
  kind: z.string().meta({ description: "Id of a source plug-in, e.g. `graylog`." }),
  params,
});

const service = z.strictObject({
  name,
  source: z.string().optional().meta({ description: "Name of a source of this file; the instance's own when absent." }),
  filter: z
    .string()
    .max(4096)
    .default("*")
    .meta({ description: "Which logs are this service's, in the source's query language." }),
  colour: z
    .string()
    .regex(/^#[0-9a-fA-F]{6}$/, "must be a colour such as #3366cc")
    .default("#5b7fa6")
    .meta({ description: "Its colour in charts." }),
});

const destination = z.strictObject({
  name,
  channel: z.string().meta({ description: "Id of a channel plug-in: `email`, `slack`." }),
  address: params.meta({ description: "Where to, as the channel's own schema says." }),
  maxPerHour: z
    .number()
    .int()
    .min(1)
    .max(10_000)
    .default(120)
    .meta({ description: "Most messages in an hour; further ones are suppressed as `rate-limited`." }),
});

const rule = z.strictObject({
  name,
  kind: z.string().meta({ description: "Id of a rule kind: `threshold`, `absence`." }),
  params,
  severity: z.enum(["info", "warning", "critical"]).default("warning"),
  hold: duration(0, 7 * day)
    .default(0)
    .meta({ description: "Must breach for this long before it fires." }),
  clearAfter: duration(0, 7 * day)
    .default(0)
    .meta({ description: "Must be clear for this long before it is resolved." }),
  repeat: duration(0, 7 * day)
    .default(4 * 3_600_000)
    .meta({ description: "Tell again while it fires; 0s: never." }),
  repeatGrowth: z
    .number()
    .min(1)
    .max(10)
    .default(2)
    .meta({ description: "Each repeat gap is this many times the last, up to a day." }),
  tellResolved: z.boolean().default(true),
  onFailure: gapPolicy.default("keep").meta({ description: "When the source gave no answer." }),
  onNoData: gapPolicy.default("keep").meta({ description: "When the answer holds no measurement at all." }),
  maxExamples: z
    .number()
    .int()
    .min(1)
    .max(50)
    .default(10)
    .meta({ description: "Most label sets spelled out in one message." }),
  maxTracked: z
    .number()
    .int()
    .min(1)
    .max(mostTracked)
    .default(mostTracked)
    .meta({ description: "Most label sets followed at once; further ones are counted as `capped`." }),
  flapping: z
    .strictObject({
      changes: z.number().int().min(0).max(1000).default(6),
      within: duration(second, 7 * day).default(3_600_000),
    })
    .default({ changes: 6, within: 3_600_000 })
    .meta({
      description: "This many turns within this time: told once, then quiet until it is steady. 0 changes: off.",
    }),
  destinations: z.array(z.string()).default([]).meta({ description: "Names of destinations of this file." }),
});

const job = z
  .strictObject({
    name,
    service: z.string().meta({ description: "Name of a service of this file." }),
    analysis: z.string().meta({ description: "Id of an analysis plug-in, e.g. `failed-logins`." }),
    params,
    every: duration(second, day)
      .refine((ms) => ms % second === 0, "must be whole seconds: log stores cut time no finer")
      .meta({ description: "How often, 1s to 1d, in whole seconds." }),
    window: duration(second, 7 * day)
      .optional()
      .meta({ description: "How much time one run looks at; `every` when absent." }),
    delay: duration(0, 3_600_000)
      .default(30 * second)
      .meta({ description: "How long to wait for late logs before asking." }),
    enabled: z.boolean().default(true),
    rules: z.array(rule).default([]),
  })
  .refine((value) => value.window === undefined || value.window >= value.every, {
    path: ["window"],
    message: "must not be shorter than `every`: logs between two windows would never be seen",
  });

/** A whole watch file. */
export const watchFile = z
  .strictObject({
    $schema: z.string().optional(),
    name: name.meta({ description: "Names what this file manages; applying it again changes exactly that." }),
    sources: z.array(source).default([]),
    services: z.array(service).min(1),
    destinations: z.array(destination).default([]),
    jobs: z.array(job).default([]),
  })
  .meta({ title: "LogWatch watch file" });
export type WatchFile = z.output<typeof watchFile>;
