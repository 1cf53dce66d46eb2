// Apply step: the schema of a watch file, services, jobs, rules and destinations as code. Durations are text outside, ms inside.
import { jobTiming, ruleSettings, windowCoversInterval, windowMessage } from "@logwatch/events";
import { nameSigns } from "@logwatch/events/api";
import * as z from "zod";
import { duration } from "../lib/duration.ts";

const name = z
  .string()
  .trim()
  .min(1)
  .max(80)
  .regex(nameSigns.pattern, nameSigns.rule)
  .meta({ description: "What people call it; unique among its kind in the file." });

const params = z
  .record(z.string(), z.unknown())
  .default({})
  .meta({ description: "Parameters of the plug-in, as its own schema says." });

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
  enabled: z.boolean().default(true).meta({ description: "Off: nothing is sent there." }),
});

const rule = z.strictObject({
  name,
  kind: z.string().meta({ description: "Id of a rule kind: `threshold`, `absence`." }),
  params,
  ...ruleSettings(duration),
  destinations: z.array(z.string()).default([]).meta({ description: "Names of destinations of this file." }),
  enabled: z.boolean().default(true).meta({ description: "Off: nothing is judged." }),
});

const job = z
  .strictObject({
    name,
    service: z.string().meta({ description: "Name of a service of this file." }),
    analysis: z.string().meta({ description: "Id of an analysis plug-in, e.g. `failed-logins`." }),
    params,
    ...jobTiming(duration),
    enabled: z.boolean().default(true),
    rules: z.array(rule).default([]),
  })
  .refine(windowCoversInterval, windowMessage);

/** Schemas of the things a watch file declares. */
export const watchItems = { sources: source, services: service, destinations: destination, jobs: job, rules: rule };

/** A whole watch file. */
export const watchFile = z
  .strictObject({
    $schema: z.string().optional(),
    name: name.meta({ description: "Names what this file manages; applying it again changes exactly that." }),
    sources: z.array(source).default([]),
    services: z.array(service),
    destinations: z.array(destination).default([]),
    jobs: z.array(job).default([]),
  })
  .meta({ title: "LogWatch watch file" });
export type WatchFile = z.output<typeof watchFile>;
