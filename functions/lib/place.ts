// Where an address is, by a database of this machine: no address ever leaves it. Country, never city.
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { type CountryResponse, Reader } from "maxmind";
import * as z from "zod";
import { type Address, addressText, isReserved, parseAddress } from "./address.ts";
import { countryCentroid } from "./country-centroids.ts";

/** `country` is ISO 3166-1 alpha-2, or `private` / `unknown`. Coordinates are the country's middle, null where there is none. */
export type Place = {
  country: string;
  name: string;
  latitude: number | null;
  longitude: number | null;
  kind: "public" | "private" | "unknown";
};

/** `unknown` for text that is not an address; a public address that the database does not hold has the country `unknown`. */
export const placeOf = (address: string): Place => {
  const parsed = parseAddress(address);
  if (!parsed) return nowhere("unknown", "unknown", "Unknown");
  if (isReserved(parsed)) return nowhere("private", "private", "Private or reserved");
  const country = countryOf(parsed);
  return country === undefined ? nowhere("public", "unknown", "Unknown") : placeOfCountry(country);
};

const nowhere = (kind: Place["kind"], country: string, name: string): Place => ({
  country,
  name,
  latitude: null,
  longitude: null,
  kind,
});

const placeOfCountry = (country: string): Place => {
  const centroid = countryCentroid(country);
  return {
    country,
    name: countryNames.of(country) ?? country,
    latitude: centroid?.latitude ?? null,
    longitude: centroid?.longitude ?? null,
    kind: "public",
  };
};

const countryNames = new Intl.DisplayNames(["en"], { type: "region", fallback: "code" });

/** This database's records are flat, unlike MaxMind's own. `ZZ` is its word for nobody. */
const record = z.object({ country_code: z.string().regex(/^(?!ZZ)[A-Z]{2}$/) });

const countryOf = (address: Address): string | undefined => {
  const found = record.safeParse(database().get(addressText(address)));
  return found.success ? found.data.country_code : undefined;
};

const databasePath = "@ip-location-db/geo-whois-asn-country-mmdb/geo-whois-asn-country.mmdb";
let opened: Reader<CountryResponse> | undefined;

/** Read once, when the first address is looked up: most processes never ask. */
const database = (): Reader<CountryResponse> => {
  opened ??= new Reader<CountryResponse>(readFileSync(createRequire(import.meta.url).resolve(databasePath)));
  return opened;
};
