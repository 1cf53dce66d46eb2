// Formats: times as logs write them, to epoch ms. A date that does not exist is undefined, never the next one that does.

const secondMs = 1000;
const minuteMs = 60 * secondMs;
const hourMs = 60 * minuteMs;
const dayMs = 24 * hourMs;
const halfYearMs = 182 * dayMs;
/** How far back a line may reach over new year and still be late, not of the year that begins. */
const latestMs = 31 * dayMs;

const monthNames = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];

/** `Jan` is 0; undefined for what is no month. */
export const monthNumber = (name: string): number | undefined => {
  const month = monthNames.indexOf(name);
  return month < 0 ? undefined : month;
};

/** Midnight UTC; `month` counts from 0. Undefined for a day that the month does not have. */
export const dayStart = (year: number, month: number, day: number): number | undefined => {
  const at = Date.UTC(year, month, day);
  const date = new Date(at);
  return date.getUTCMonth() === month && date.getUTCDate() === day && year >= 1900 ? at : undefined;
};

/** `09`, `00`, `55`, and digits after the point. A leap second (`60`) is the first of the next minute. */
export const timeOfDay = (hour: string, minute: string, second: string, fraction = ""): number | undefined => {
  const [hours, minutes, seconds] = [Number(hour), Number(minute), Number(second)];
  if (hours > 23 || minutes > 59 || seconds > 60) return undefined;
  return hours * hourMs + minutes * minuteMs + seconds * secondMs + Number(fraction.slice(0, 3).padEnd(3, "0"));
};

/** Adds a day and a time of day; undefined when either does not exist. */
export const joined = (day: number | undefined, ofDayMs: number | undefined): number | undefined =>
  day === undefined || ofDayMs === undefined ? undefined : day + ofDayMs;

const isoPattern =
  /^(\d{4})-(\d\d)-(\d\d)[T ](\d\d):(\d\d)(?::(\d\d)(?:[.,](\d{1,9}))?)? ?(Z|UTC|GMT|[+-]\d\d(?::?\d\d)?)?$/i;

/** ISO 8601 and RFC 3339, of any precision; without an offset it is UTC. */
export const isoTime = (text: string): number | undefined => {
  const found = isoPattern.exec(text);
  if (!found) return undefined;
  const [, year = "", month = "", day = "", hour = "", minute = "", second = "0", fraction, zone = "Z"] = found;
  const local = joined(
    dayStart(Number(year), Number(month) - 1, Number(day)),
    timeOfDay(hour, minute, second, fraction),
  );
  return local === undefined ? undefined : local - offsetMs(zone);
};

/** `+02:00`, `+0200` or `+02`; 0 for names of UTC. */
const offsetMs = (zone: string): number => {
  const sign = zone.startsWith("-") ? -1 : zone.startsWith("+") ? 1 : 0;
  return sign * (Number(zone.slice(1, 3)) * hourMs + Number(zone.slice(3).replace(":", "")) * minuteMs || 0);
};

/** The moment of a date without a year. */
export type DateWithoutYear = (month: number, day: number, ofDayMs: number) => number | undefined;

/**
 * Finds the year of dates that have none. The first is of `firstYear`; the others are of the year that puts them nearest to the
 * newest one so far, so January after December is of the next year, and a late December line after it is of the old one.
 */
export const openYears = (firstYear: number): DateWithoutYear => {
  let newest: number | undefined;
  let year = firstYear;
  return (month, day, ofDayMs) => {
    // 29 February is compared as 1 March of a common year; whether it exists is asked of the year that was found.
    const near = Date.UTC(year, month, day);
    let found = year;
    if (newest !== undefined && near < newest - halfYearMs) found = year + 1;
    else if (newest !== undefined && near > newest + halfYearMs && Date.UTC(year - 1, month, day) > newest - latestMs)
      found = year - 1;
    const at = joined(dayStart(found, month, day), ofDayMs);
    if (at !== undefined && (newest === undefined || at > newest)) {
      newest = at;
      year = found;
    }
    return at;
  };
};
