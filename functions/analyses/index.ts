// The registry of analyses: one line a plug-in.
export { dnsFailures } from "./dns-failures.ts";
export { failedLoginMap } from "./failed-login-map.ts";
export { failedLoginTimeseries } from "./failed-login-timeseries.ts";
export { failedLogins } from "./failed-logins.ts";
export { logPatterns } from "./log-patterns.ts";
export { logSearch } from "./log-search.ts";
export { threatProtocols } from "./threat-protocols.ts";
