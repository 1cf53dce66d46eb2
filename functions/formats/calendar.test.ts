// Times and years: dates that exist, and the year of those that do not tell it.
import { describe, expect, it } from "vitest";
import { isoTime, openYears } from "./calendar.ts";

const months = "Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec".split(" ");

/** `Dec 31, Jan 1` as the days they were found to be. */
const daysOf = (firstYear: number, story: string): string => {
  const yearOf = openYears(firstYear);
  return story
    .split(", ")
    .map((date) => {
      const [month = "", day = ""] = date.split(" ");
      const at = yearOf(months.indexOf(month), Number(day), 0);
      return at === undefined ? "none" : new Date(at).toISOString().slice(0, 10);
    })
    .join(" ");
};

describe("the year of dates without one", () => {
  it("goes on with January after December", () => {
    expect(daysOf(2025, "Jun 9, Dec 31, Jan 1, Feb 28")).toBe("2025-06-09 2025-12-31 2026-01-01 2026-02-28");
  });

  it("leaves a late line of December in its year", () => {
    expect(daysOf(2025, "Dec 31, Jan 1, Dec 31, Jan 1, Jan 2")).toBe(
      "2025-12-31 2026-01-01 2025-12-31 2026-01-01 2026-01-02",
    );
  });

  it("puts December before a first line of January into the year before", () => {
    expect(daysOf(2026, "Jan 1, Dec 31, Jan 1")).toBe("2026-01-01 2025-12-31 2026-01-01");
  });

  it("is not moved by lines that are a little out of order", () => {
    expect(daysOf(2026, "Jul 3, Jul 1, Jun 20, Jul 4")).toBe("2026-07-03 2026-07-01 2026-06-20 2026-07-04");
  });

  it("goes forward, not back, over a gap of more than half a year", () => {
    expect(daysOf(2026, "Jan 3, Aug 5, Sep 1, Feb 2")).toBe("2026-01-03 2026-08-05 2026-09-01 2027-02-02");
  });

  it("rolls over many times", () => {
    expect(daysOf(2024, "Nov 1, Mar 1, Nov 1, Mar 1")).toBe("2024-11-01 2025-03-01 2025-11-01 2026-03-01");
  });

  it("has 29 February only where the year has it", () => {
    expect(daysOf(2023, "Feb 29, Dec 1, Feb 29, Dec 1, Feb 29")).toBe("none 2023-12-01 2024-02-29 2024-12-01 none");
  });

  it("is not moved by a date that does not exist", () => {
    expect(daysOf(2026, "Jun 1, Feb 30, Jun 2")).toBe("2026-06-01 none 2026-06-02");
  });
});

describe("ISO times", () => {
  it.each([
    ["2026-07-01T09:00:55Z", "2026-07-01T09:00:55.000Z"],
    ["2026-07-01 09:00:55,250", "2026-07-01T09:00:55.250Z"],
    ["2026-07-01T09:00", "2026-07-01T09:00:00.000Z"],
    ["2026-07-01T09:00:55.123456789+02:00", "2026-07-01T07:00:55.123Z"],
    ["2026-07-01T09:00:55-03", "2026-07-01T12:00:55.000Z"],
  ])("reads %j", (text, expected) => expect(new Date(isoTime(text) ?? 0).toISOString()).toBe(expected));

  it.each([
    "2026-02-29T00:00:00Z",
    "2026-13-01T00:00:00Z",
    "2026-07-01T25:00:00Z",
    "2026-07-01",
    "0000-01-01T00:00Z",
    "",
  ])("%j is none", (text) => expect(isoTime(text)).toBeUndefined());
});
