// The one place where the environment is read: one schema, parsed at cold start, passed in. A wrong or missing variable stops the
// Lambda with its name.
import * as z from "zod";
import { duration } from "./duration.ts";
import { allowances } from "./egress-policy.ts";

export const config = z.object({
  /** Key that seals secrets in the database: 32 bytes, base64. */
  LOGWATCH_SECRETS_KEY: z
    .base64()
    .refine((text) => Buffer.from(text, "base64").length === 32, "must be 32 bytes in base64"),
  LOGWATCH_LOG_LEVEL: z.enum(["debug", "info", "warn", "error"]).default("info"),
  /** Sender of e-mails. */
  LOGWATCH_EMAIL_FROM: z.email().default("logwatch@example.com"),
  /** Hosts a Slack address may name, comma separated. */
  LOGWATCH_SLACK_HOSTS: z
    .string()
    .default("hooks.slack.com,hooks.slack-gov.com")
    .transform((text) => text.split(",").map((host) => host.trim())),
  /**
   * Hosts of sources that may be called though they are not public, or over plain http, comma separated: `graylog.internal`,
   * `192.0.2.7:9000`, `*.corp.example.com`, `10.0.0.0/8`. Any public host may be called over https without.
   */
  ALLOWED_SOURCE_HOSTS: z
    .string()
    .default("")
    .transform((text, ctx) => {
      const read = allowances(text);
      if (read.ok) return read.value;
      ctx.addIssue({ code: "custom", message: read.error });
      return z.NEVER;
    }),
  /** Where the dashboard is, for links in messages. */
  LOGWATCH_DASHBOARD_URL: z.url().optional(),
  /** Where the dashboard is served from, comma separated: the `Origin` a write with a session must have. */
  LOGWATCH_ORIGINS: z
    .string()
    .default("")
    .transform((text) =>
      text.split(",").flatMap((origin) => (URL.canParse(origin.trim()) ? [new URL(origin.trim()).origin] : [])),
    ),
  /** Who may make an account. The first account of an empty instance may always be made, and is its admin. */
  REGISTRATION: z.enum(["open", "invite", "closed"]).default("invite"),
  /** Most requests of one user in a minute, and from one address of those who are not signed in. */
  LOGWATCH_REQUESTS_PER_USER: z.coerce.number().int().min(1).default(1_200),
  LOGWATCH_REQUESTS_PER_ADDRESS: z.coerce.number().int().min(1).default(300),
  /** Most questions under way at once. */
  LOGWATCH_MAX_QUESTIONS: z.coerce.number().int().min(1).max(256).default(8),
  /** After this long a question is given up. */
  LOGWATCH_QUESTION_TIMEOUT: duration(100, 300_000).default(20_000),
  /** How far back late logs are looked for. */
  LOGWATCH_LATENESS: duration(0, 86_400_000).default(3_600_000),
  /** How long a log store may take from receiving a message until a search finds it. Jobs with a shorter `delay` ask every slot twice. */
  LOGWATCH_SEARCH_LAG: duration(0, 300_000).default(10_000),
  /** After this long a delivery is given up, and tried again later. */
  LOGWATCH_DELIVERY_TIMEOUT: duration(100, 60_000).default(10_000),
  AWS_REGION: z.string().default("us-east-1"),
  /** Only on a laptop: where the SES stand-in listens. */
  AWS_ENDPOINT_URL_SES: z.url().optional(),
});
export type Config = z.output<typeof config>;

/** @throws with every wrong or missing variable by name. */
export const readConfig = (environment: Readonly<Record<string, string | undefined>>): Config => {
  const parsed = config.safeParse(environment);
  if (parsed.success) return parsed.data;
  const problems = parsed.error.issues.map((issue) => `${issue.path.join(".")}: ${issue.message}`);
  throw new Error(`The environment is not right: ${problems.join("; ")}`);
};
