// Analysis: from which countries logins failed. Addresses are placed by a database of this machine; none of them leaves it.
import type { View } from "@logwatch/events";
import * as z from "zod";
import { type Place, placeOf } from "../lib/place.ts";
import { defineAnalysis } from "./analysis.ts";
import { countIn, cutIn, type Groups, groupsIn } from "./answer-parts.ts";
import { failedLoginFilter, userAddressField } from "./login-params.ts";
import { bars, counted, countedGroups, regrouped, stat } from "./measured.ts";
import { maxGroupsParam } from "./params.ts";

const params = z.strictObject({
  filter: failedLoginFilter(),
  addressField: userAddressField(),
  maxGroups: maxGroupsParam(),
});

export const failedLoginMap = defineAnalysis({
  id: "failed-login-map",
  title: "Failed logins on the map",
  description: "How many sign-ins failed, by the country of their address.",
  params,
  measures: () => ({ failed_logins: [], failed_logins_by_country: ["country"] }),
  question: ({ filter, addressField, maxGroups }) => ({
    filter,
    parts: { failed: { kind: "count" }, addresses: { kind: "terms", by: [addressField], limit: maxGroups } },
  }),
  measure: (answer) => {
    const failed = countIn(answer, "failed");
    const places = new Map<string, Place>();
    const countries = regrouped(groupsIn(answer, "addresses"), ({ keys: [address = ""] }) => {
      const place = placeOf(address);
      // A public address without a country and text that is no address are the same dot: unknown.
      if (!places.has(place.country)) places.set(place.country, place);
      return [place.country];
    });
    return {
      measurements: [
        counted("failed_logins", failed),
        ...countedGroups("failed_logins_by_country", ["country"], countries),
      ],
      views: [
        stat("Failed logins", failed),
        geo("By country", countries, places),
        bars("By country", {
          ...countries,
          rows: countries.rows.map(({ keys: [code = ""], count }) => ({ keys: [nameOf(places, code)], count })),
        }),
      ],
      examples: [],
      truncated: cutIn(answer, { addresses: "failed_logins_by_country" }),
    };
  },
  // No filter can say in which country an address is: of one country these are the lines of all.
  evidence: ({ filter }) => [filter],
});

const nameOf = (places: ReadonlyMap<string, Place>, code: string): string => places.get(code)?.name ?? code;

const geo = (title: string, { rows, truncated }: Groups, places: ReadonlyMap<string, Place>): View => ({
  kind: "geo",
  title,
  truncated,
  places: rows.map(({ keys: [code = ""], count }) => {
    const { latitude = null, longitude = null } = places.get(code) ?? {};
    return { country: code, name: nameOf(places, code), latitude, longitude, value: count };
  }),
});
