// The registry of rule kinds: one line a plug-in.
export { absence } from "./absence.ts";
export { threshold } from "./threshold.ts";
