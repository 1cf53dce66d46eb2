// The registry of sources: one line a plug-in.
export { graylog } from "./graylog.ts";
export { memory } from "./memory.ts";
