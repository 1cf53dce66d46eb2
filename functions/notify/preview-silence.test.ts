// What a silence would hide, before there is one.
import type { AlertChange } from "@logwatch/events";
import { expect, test } from "vitest";
import { change, episodeOf, minute, silenceOf, start } from "../../simulators/stack/test-silenced.ts";
import type { Episode } from "../storage/alerts.ts";
import { previewSilence } from "./preview-silence.ts";

test("a preview names what a silence would hide now, and what it would have hidden in the last day", () => {
  const now = start + 2 * 1440 * minute;
  const firing = episodeOf(change("root"), 1);
  const over = { ...episodeOf(change("rookie", "resolved"), 2) };
  const other = episodeOf(change("admin"), 1);
  const event = (alert: Episode, at: number, told: AlertChange["kind"] | null) => ({
    ...alert,
    at,
    from: "ok" as const,
    to: "firing" as const,
    evaluationId: "e",
    told,
  });
  const events = [
    event(firing, now - 1440 * minute, "opened"),
    event(over, now - minute, "opened"),
    event(over, now, "resolved"),
    event(over, now, null),
    event(other, now, "opened"),
  ];
  const preview = previewSilence(silenceOf().matchers, [firing, over, other, firing], events, now);
  expect(preview).toEqual({ ok: true, value: { now: [firing], lastDay: [{ alert: over, changes: 2 }] } });
  expect(previewSilence([{ name: "user", op: "=~", value: "(" }], [], [], now)).toMatchObject({ ok: false });
});
