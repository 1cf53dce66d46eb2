// The simulated firewall: which packet it saw, how dangerous it thought it, and what it did.
import type { LogEntry } from "@logwatch/events";
import { privateAddress, publicAddress } from "./population.ts";
import { service } from "./span.ts";

export type Packet = {
  protocol: string;
  threat: "low" | "medium" | "high" | "critical";
  from: string;
  to: string;
  port: number;
};

const ports = { TCP: [443, 443, 443, 80, 22, 25], UDP: [53, 123, 443], ICMP: [0] } as const;
const protocols = ["TCP", "TCP", "TCP", "TCP", "UDP", "UDP", "ICMP"] as const;
const levels = { low: 6, medium: 5, high: 4, critical: 2 } as const;

export const firewall = service("firewall", 0.6, (_at, numbers) => {
  const protocol = numbers.pick(protocols);
  const dice = numbers.next();
  const threat = dice < 0.9 ? "low" : dice < 0.97 ? "medium" : dice < 0.995 ? "high" : "critical";
  const port = numbers.pick<number>(ports[protocol]);
  return packet({ protocol, threat, from: publicAddress(numbers), to: privateAddress(numbers), port });
});

export const packet = ({ protocol, threat, from, to, port }: Packet): Omit<LogEntry, "at" | "service"> => {
  const action = threat === "low" ? "allowed" : "blocked";
  return {
    host: "fw-1.example.com",
    level: levels[threat],
    message: `${action} ${protocol} ${from} -> ${to}:${port} threat=${threat}`,
    fields: {
      status: action === "allowed" ? "success" : "failure",
      protocol,
      threat_level: threat,
      action_taken: action,
      source_ip: from,
      destination_ip: to,
      destination_port: port,
    },
  };
};
