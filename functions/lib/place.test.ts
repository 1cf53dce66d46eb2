// Places: real look-ups in the database of this machine, and addresses that are nowhere.
import { BlockList } from "node:net";
import fc from "fast-check";
import { describe, expect, it, test } from "vitest";
import { addressText, isReserved, parseAddress } from "./address.ts";
import { countryCentroid } from "./country-centroids.ts";
import { placeOf } from "./place.ts";

test.each([
  ["8.8.8.8", "US", "United States"],
  ["193.0.6.139", "NL", "Netherlands"],
  ["2001:67c:2e8:22::c100:68b", "NL", "Netherlands"],
  ["2001:4860:4860::8888", "US", "United States"],
])("%s is in %s", (address, country, name) => {
  expect(placeOf(address)).toMatchObject({ country, name, kind: "public" });
  expect(placeOf(address).latitude).toEqual(expect.any(Number));
});

it("an IPv4 address inside an IPv6 one is where the IPv4 address is", () => {
  for (const carrier of ["::ffff:8.8.8.8", "::FFFF:808:808", "64:ff9b::8.8.8.8", "2002:808:808::1", " 8.8.8.8 "]) {
    expect(placeOf(carrier)).toEqual(placeOf("8.8.8.8"));
  }
  expect(placeOf("::ffff:10.0.0.1").country).toBe("private");
});

describe("an address is private or reserved by its number", () => {
  test.each([
    ["10.0.0.0", "10.255.255.255", "11.0.0.0"],
    ["172.16.0.0", "172.31.255.255", "172.32.0.0"],
    ["192.168.0.0", "192.168.255.255", "192.169.0.0"],
    ["100.64.0.0", "100.127.255.255", "100.128.0.0"],
    ["169.254.0.0", "169.254.255.255", "169.255.0.0"],
    ["203.0.113.0", "203.0.113.255", "203.0.114.0"],
    ["198.18.0.0", "198.19.255.255", "198.20.0.0"],
    ["224.0.0.0", "255.255.255.255", "223.255.255.255"],
    ["fc00::", "fdff:ffff::1", "fbff::"],
    ["fe80::1%eth0", "febf::", "2a00::fe80"],
    ["2001:db8::", "2001:db8:ffff::", "2001:db9::"],
    ["::", "::1", "2600::1"],
  ])("%s and %s are, %s is not", (first, last, outside) => {
    expect([placeOf(first).kind, placeOf(last).kind, placeOf(outside).kind]).toEqual(["private", "private", "public"]);
  });
});

test.each([
  "",
  "localhost",
  "example.com",
  "10.0.0",
  "10.0.0.256",
  "010.0.0.1",
  "10.0.0.1:22",
  "1e3",
  "::g",
  "[::1]",
  "<b>",
  "\ud800",
  "x".repeat(10_000),
  "__proto__",
])("%j is no address, and unknown", (text) => {
  expect(placeOf(text)).toEqual({
    country: "unknown",
    name: "Unknown",
    latitude: null,
    longitude: null,
    kind: "unknown",
  });
});

it("reads any address as Node does, block by block", () => {
  const blocks = new BlockList();
  blocks.addSubnet("10.0.0.0", 8, "ipv4");
  blocks.addSubnet("172.16.0.0", 12, "ipv4");
  blocks.addSubnet("fc00::", 7, "ipv6");
  const known = fc.oneof(
    fc.ipV4(),
    fc.nat(0xffff).map((end) => `172.${end >> 8}.${end & 255}.1`),
    fc.nat(0xffff).map((end) => `10.1.${end >> 8}.${end & 255}`),
    fc.ipV6(),
  );
  fc.assert(
    fc.property(known, (text) => {
      const address = parseAddress(text);
      if (!address) throw new Error(`${text} was not read.`);
      const version = address.version === 4 ? "ipv4" : "ipv6";
      if (blocks.check(addressText(address), version)) expect(isReserved(address)).toBe(true);
      expect(parseAddress(addressText(address))).toEqual(address);
      const one = new BlockList();
      one.addAddress(addressText(address), version);
      if (text.includes(":") === (version === "ipv6")) expect(one.check(text, version)).toBe(true);
    }),
  );
});

it("every country of the world has a point on the map", () => {
  const names = new Intl.DisplayNames(["en"], { type: "region", fallback: "none" });
  const letters = [..."ABCDEFGHIJKLMNOPQRSTUVWXYZ"];
  // Groupings, and codes that ISO 3166-1 keeps aside or has taken back; Node names them all the same.
  const noCountry = new Set(
    "AC AN BU CP CQ CS DD DG EA EU EZ FX IC NT QO SU TA TP UK UN XA XB YD YU ZR ZZ NH HV DY RH VD".split(" "),
  );
  const codes = letters
    .flatMap((first) => letters.map((second) => first + second))
    .filter((code) => names.of(code) !== undefined && !noCountry.has(code));
  expect(codes.length).toBeGreaterThan(240);
  const isOnEarth = (code: string) => {
    const point = countryCentroid(code);
    return point !== undefined && Math.abs(point.latitude) <= 90 && Math.abs(point.longitude) <= 180;
  };
  expect(codes.filter((code) => !isOnEarth(code))).toEqual([]);
});
