// Graylog as a source, 5.1 and newer. Every question is one search inside Graylog, so its cost grows with groups, not with logs.
import * as z from "zod";
import { readTarget } from "../lib/egress-url.ts";
import { graylogArrivals } from "./graylog-arrivals.ts";
import { askGraylog } from "./graylog-ask.ts";
import { graylogClient } from "./graylog-client.ts";
import { graylogFields } from "./graylog-fields.ts";
import { probeGraylog } from "./graylog-probe.ts";
import { defineSource } from "./source.ts";

const address = z.url({ protocol: /^https?$/ }).check((ctx) => {
  const read = readTarget(ctx.value);
  if (read.ok) return;
  const own = read.error.kind === "credentials-in-url" ? " They have fields of their own." : "";
  ctx.issues.push({ code: "custom", input: ctx.value, message: read.error.message + own });
});

const params = z
  .strictObject({
    url: address.meta({
      title: "Address",
      description: "Where Graylog's web page is, e.g. https://graylog.example.com.",
    }),
    token: z.string().min(1).optional().meta({
      title: "Access token",
      description: "Of a user who may read the streams. Watch its expiry.",
      secret: true,
    }),
    username: z.string().min(1).optional().meta({ title: "User", description: "Instead of a token." }),
    password: z.string().min(1).optional().meta({ title: "Password", description: "Of that user.", secret: true }),
    streams: z
      .array(z.string().regex(/^[0-9a-f]{24}$/i, "must be the 24 hexadecimal digits of a stream's id"))
      .max(100)
      .default([])
      .meta({ title: "Streams", description: "Ids of the streams to search; all that the user may read when empty." }),
    timeoutMs: z.number().int().min(100).max(300_000).default(10_000).meta({
      title: "Time-out (ms)",
      description: "How long one question may take, tries included.",
    }),
    retries: z.number().int().min(0).max(5).default(1).meta({
      title: "Tries again",
      description: "How often one question is asked again when Graylog is overloaded or cannot be reached.",
    }),
    // A picture over time has some 500 rows a line, and a look for late logs 4,000.
    maxGroups: z.number().int().min(5000).max(60_000).default(20_000).meta({
      title: "Rows at most",
      description: "Rows of one grouped answer; Graylog keeps each in memory for five minutes.",
    }),
    maxMessages: z.number().int().min(1).max(50_000).default(5000).meta({
      title: "Messages at most",
      description: "Log lines read for one question.",
    }),
  })
  .refine((given) => (given.token !== undefined) !== (given.username !== undefined || given.password !== undefined), {
    error: "give either an access token, or a user and a password",
    path: ["token"],
  })
  .refine((given) => (given.username === undefined) === (given.password === undefined), {
    error: "a user needs a password, and a password a user",
    path: ["password"],
  });

export const graylog = defineSource({
  id: "graylog",
  title: "Graylog",
  description: "A Graylog server, version 5.1 or newer (6.0 to notice late logs).",
  params,
  open: (settings, { fetch }) => {
    const { origin, pathname } = new URL(settings.url);
    const converseWithin = graylogClient({
      ...settings,
      fetch,
      url: origin + pathname.replace(/\/+$/, "").replace(/\/api$/, ""),
      username: settings.token ?? settings.username ?? "",
      password: settings.token === undefined ? (settings.password ?? "") : "token",
    });
    return {
      ask: askGraylog(converseWithin, settings),
      arrivals: graylogArrivals(converseWithin, settings),
      probe: probeGraylog(converseWithin, settings),
      fields: graylogFields(converseWithin, settings),
    };
  },
});
