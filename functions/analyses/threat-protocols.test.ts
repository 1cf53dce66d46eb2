// Threats by protocol by example.
import { expect, it } from "vitest";
import { packet } from "../../simulators/services/firewall.ts";
import { openMemory } from "../sources/memory.ts";
import { logged, outcomeOf, testWindow, valuesOf } from "./test-answer.ts";
import { threatProtocols } from "./threat-protocols.ts";

const seen = (second: number, protocol: string, threat: Parameters<typeof packet>[0]["threat"]) => ({
  ...packet({ protocol, threat, from: "198.51.100.200", to: "10.0.0.5", port: 443 }),
  at: testWindow.from + second * 1000,
  service: "firewall",
});

it("counts every level, and the high ones by protocol and action", async () => {
  const log = openMemory([
    seen(1, "TCP", "high"),
    seen(2, "TCP", "critical"),
    seen(3, "UDP", "high"),
    seen(4, "UDP", "low"),
  ]);
  const outcome = await outcomeOf(log.ask, threatProtocols);
  expect(valuesOf(outcome)).toEqual({
    high_threats: 3,
    "threats_by_level{level=high}": 2,
    "threats_by_level{level=critical}": 1,
    "threats_by_level{level=low}": 1,
    "high_threats_by_protocol{protocol=TCP}": 2,
    "high_threats_by_protocol{protocol=UDP}": 1,
    "high_threats_by_action{action=blocked}": 3,
  });
  expect(outcome.examples).toHaveLength(3);
});

it("harmless traffic is no threat, and logs without a level are not counted", async () => {
  const log = openMemory([seen(1, "TCP", "low"), logged(2, "firewall", { protocol: "TCP" })]).ask;
  expect(valuesOf(await outcomeOf(log, threatProtocols))).toEqual({
    high_threats: 0,
    "threats_by_level{level=low}": 1,
  });
});

it("which levels are high is a parameter, whatever their case, and cannot widen the question", async () => {
  const log = openMemory([
    logged(1, "firewall", { threat_level: "SEVERE" }),
    logged(2, "firewall", { threat_level: "Severe" }),
    logged(3, "firewall", { threat_level: "high" }),
    logged(4, "firewall", { threat_level: 9 }),
  ]).ask;
  const high = async (...highLevels: string[]) =>
    valuesOf(await outcomeOf(log, threatProtocols, { highLevels })).high_threats;
  expect(await high("severe")).toBe(2);
  expect(await high("9")).toBe(1);
  expect(await high('x" OR *) OR (threat_level:"high', "\\")).toBe(0);
  expect(await high(...Array.from({ length: 10 }, (_, at) => `${at}"`.padEnd(40, '"\\')))).toBe(0);
});
