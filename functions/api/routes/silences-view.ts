// Silences as the API shows them.
import { type SilenceView, silence as silenceShape } from "@logwatch/events/api";
import * as z from "zod";
import { isActive, type Silence } from "../../storage/silences.ts";

/** By time alone: nothing is written when a silence begins or ends. */
export const stateOf = (silence: Silence, now: number): SilenceView["state"] => {
  if (isActive(silence, now)) return "active";
  return silence.endsAt > now ? "pending" : "expired";
};

/** With the state it has now. */
export const viewOfSilence = (silence: Silence, now: number): SilenceView => ({
  ...silence,
  state: stateOf(silence, now),
});

/** As it travels: for the audit log. */
export const wireSilence = (silence: Silence, now: number) => z.encode(silenceShape, viewOfSilence(silence, now));
