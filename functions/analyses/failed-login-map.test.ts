// Failed logins on the map by example.
import { expect, it } from "vitest";
import { openMemory } from "../sources/memory.ts";
import { failedLoginMap } from "./failed-login-map.ts";
import { logged, outcomeOf, valuesOf } from "./test-answer.ts";

const attempt = (second: number, source_ip: string, status = "failure") =>
  logged(second, "auth", { event_type: "authentication_attempt", status, source_ip });

it("counts failures by country; private addresses and names are dots of their own", async () => {
  const addresses = [
    "8.8.8.8",
    "8.8.4.4",
    "2001:4860:4860::8888",
    "193.0.6.139",
    "10.1.2.3",
    "::ffff:192.168.0.1",
    "vpn",
  ];
  const log = openMemory([...addresses, "203.0.113.7", ""].map((address, at) => attempt(at, address))).ask;
  const outcome = await outcomeOf(log, failedLoginMap);
  expect(valuesOf(outcome)).toEqual({
    failed_logins: 9,
    "failed_logins_by_country{country=US}": 3,
    "failed_logins_by_country{country=NL}": 1,
    "failed_logins_by_country{country=private}": 3,
    "failed_logins_by_country{country=unknown}": 2,
  });
  const geo = outcome.views.find((view) => view.kind === "geo");
  expect(geo?.places.find(({ country }) => country === "US")).toEqual({
    country: "US",
    name: "United States",
    latitude: 39.8,
    longitude: -98.6,
    value: 3,
  });
  expect(geo?.places.find(({ country }) => country === "private")).toMatchObject({ latitude: null, longitude: null });
});

it("logins that went well are on no map", async () => {
  const log = openMemory([attempt(1, "8.8.8.8", "success")]).ask;
  expect(valuesOf(await outcomeOf(log, failedLoginMap))).toEqual({ failed_logins: 0 });
});
