// The shapes of the HTTP API, one file an area: what requests may say and what answers hold.
export * from "./catalogue.ts";
export * from "./id.ts";
export * from "./page.ts";
export * from "./preview.ts";
export * from "./problem.ts";
export * from "./source.ts";
