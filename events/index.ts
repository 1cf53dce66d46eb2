// The shapes that cross a border, one file each. Imports nothing of ours.
export * from "./alert-updated.ts";
export * from "./analysis-finished.ts";
export * from "./analysis-requested.ts";
export * from "./duration.ts";
export * from "./envelope.ts";
export * from "./flow.ts";
export * from "./instant.ts";
export * from "./job-timing.ts";
export * from "./log-entry.ts";
export * from "./measurement.ts";
export * from "./notification-requested.ts";
export * from "./rule-settings.ts";
export * from "./view.ts";
