// Time ranges as Graylog understands them. In: JSON or a keyword, and the time now. Out: a half-open window in epoch ms.
import type { Window } from "@logwatch/events";
import { empty, refuse, requestError } from "./api-answer.ts";
import type { ApiCall } from "./api-call.ts";
import { isRecord } from "./json-shape.ts";
import { isoTime } from "./message.ts";

/** `body` is the request's text: errors tell the place in it. */
type Asking = Pick<ApiCall, "now" | "body" | "version">;

export const timeRange = (value: unknown, call: Asking): Window => {
  const { now, body } = call;
  if (value === undefined || value === null) return { from: now - dayMs, to: now };
  if (!isRecord(value) || typeof value.type !== "string") {
    return requestError(
      "Could not resolve subtype of TimeRange: missing type id property 'type'",
      "timerange",
      body,
      "timerange",
    );
  }
  switch (value.type) {
    case "absolute":
      return { from: limit(value.from, "from", call), to: limit(value.to, "to", call) };
    case "relative":
      return relative(value, now, body);
    case "keyword":
      return (
        keywordRange(String(value.keyword ?? ""), now) ??
        requestError(`Could not parse from natural date: ${value.keyword}`, "timerange", body, "timerange")
      );
    default:
      return requestError(
        `Could not resolve type id '${value.type}' as a subtype of TimeRange`,
        "timerange",
        body,
        value.type,
      );
  }
};

export const shownRange = ({ from, to }: Window) => ({ type: "absolute", from: isoTime(from), to: isoTime(to) });

export const dayMs = 86_400_000;
/** The last moment that a date can hold. */
const lastMs = 8.64e15;
const clamped = (at: number): number => Math.max(-lastMs, Math.min(lastMs, at));

const limit = (value: unknown, name: "from" | "to", { body, version }: Asking): number => {
  if (value === undefined || value === null) return requestError(`Null ${name}`, "timerange", body, "timerange");
  const at = typeof value === "number" ? value : instantOf(String(value));
  // The older server stumbles over it.
  const isDate = Math.abs(at) <= lastMs;
  if (!isDate && version !== "7.0.1") return refuse(empty(500));
  return isDate ? at : requestError(`Invalid format: "${value}"`, `timerange.${name}`);
};

/** ISO with or without fraction and zone; a time without zone is UTC. What is finer than a ms is cut off. NaN if it is none. */
export const instantOf = (text: string): number => {
  const [, day, time = "00:00:00", fraction = "", zone = "Z"] =
    /^(\d{4}-\d\d-\d\d)(?:T(\d\d:\d\d(?::\d\d)?)(\.\d+)?(Z|[+-]\d\d:?\d\d)?)?$/.exec(text) ?? [];
  return day === undefined ? Number.NaN : Date.parse(`${day}T${time}${fraction.slice(0, 4)}${zone}`);
};

const relative = (value: Record<string, unknown>, now: number, body: string): Window => {
  const seconds = (name: string): number | undefined => {
    const number = value[name];
    if (number === undefined || number === null) return undefined;
    if (typeof number !== "number") return requestError(`${name} is not a number`, `timerange.${name}`, body, name);
    return number < 0 ? requestError("Range must not be negative", "timerange", body, "timerange") : number;
  };
  const range = seconds("range");
  if (range !== undefined) return { from: range === 0 ? 0 : clamped(now - range * 1000), to: now };
  const from = seconds("from");
  if (from === undefined) return requestError("Invalid relative range specified", "timerange", body, "timerange");
  return { from: clamped(now - from * 1000), to: clamped(now - (seconds("to") ?? 0) * 1000) };
};

const unitWords: Readonly<Record<string, string>> = {
  s: "s",
  sec: "s",
  second: "s",
  m: "m",
  min: "m",
  minute: "m",
  h: "h",
  hour: "h",
  d: "d",
  day: "d",
  w: "w",
  week: "w",
  M: "M",
  month: "M",
  y: "y",
  year: "y",
};
const numberWords = ["zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten"];
const unitMs: Readonly<Record<string, number>> = {
  s: 1000,
  m: 60_000,
  h: 3_600_000,
  d: dayMs,
  w: 7 * dayMs,
  M: 30 * dayMs,
  y: 365 * dayMs,
};

/** `2h`, `last 30 days`, `last five minutes`, `yesterday`, `today`. Days and longer are whole days, as Graylog reads them. */
export const keywordRange = (text: string, now: number): Window | undefined => {
  const midnight = Math.floor(now / dayMs) * dayMs;
  const words = text.trim();
  if (words === "today") return { from: midnight, to: midnight + dayMs };
  if (words === "yesterday") return { from: midnight - dayMs, to: midnight };
  const [, short, shortUnit, count = "1", long = ""] =
    /^(?:(\d+)([smhdwMy])|last (?:(\d+|[a-z]+) )?([a-z]+?)s?)$/.exec(words) ?? [];
  const amount = short ?? (numberWords.includes(count) ? String(numberWords.indexOf(count)) : count);
  const unit = shortUnit ?? (Object.hasOwn(unitWords, long) ? unitWords[long] : undefined);
  const ms = unit === undefined ? undefined : unitMs[unit];
  if (unit === undefined || ms === undefined || !/^\d+$/.test(amount)) return undefined;
  const length = Number(amount) * ms;
  return "smh".includes(unit)
    ? { from: clamped(now - length), to: now }
    : { from: clamped(midnight - length), to: midnight + dayMs };
};
