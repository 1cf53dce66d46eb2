// Label sets as keys: equal sets give equal text whatever the order of their names.
import { createHash } from "node:crypto";
import type { Labels } from "@logwatch/events";

/** Canonical text of a label set. */
export const labelsKey = (labels: Labels): string => {
  const names = Object.keys(labels);
  if (names.length === 0) return "{}";
  return JSON.stringify(names.sort().map((name) => [name, labels[name]]));
};

/** 128 bits of SHA-256 in base64url (22 characters): short enough for keys, far from collisions. */
export const digest = (text: string): string => createHash("sha256").update(text).digest("base64url").slice(0, 22);

/** Identity of a rule's life for one label set. */
export const fingerprint = (ruleId: string, labels: Labels): string => digest(`${ruleId}\n${labelsKey(labels)}`);
