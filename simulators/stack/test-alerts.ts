// For tests: alerts made as in production. Results of a job go through the cores of evaluate and notify over the API's own stores, and
// the sweep tells what silences hid.
import type { AlertUpdated, AnalysisFinished, Measurement } from "@logwatch/events";
import { evaluateResults } from "../../functions/evaluate/evaluate-results.ts";
import { registry } from "../../functions/lib/registry.ts";
import { balanceBooks } from "../../functions/notify/balance-books.ts";
import { decideNotifications } from "../../functions/notify/decide-notifications.ts";
import * as ruleKindPlugins from "../../functions/rule-kinds/index.ts";
import { tellUnsilenced } from "../../functions/schedule/tell-unsilenced.ts";
import type { Storage } from "../../functions/storage/storage.ts";
import { start, type TestApi } from "./test-api.ts";
import { buildJobsWorld, makeJob, ruleBody } from "./test-jobs.ts";

export const minute = 60_000;
const getRuleKind = registry("rule kind", ruleKindPlugins).get;

/** Failed sign-ins of one window, by address. */
export type Seen = Record<string, number>;

export type Watched = { jobId: string; jobName: string; serviceId: string; serviceName: string };

/** The result of the window of a minute that ends `minutes` after the start. */
const resultOf = (of: Watched, minutes: number, seen: Seen): AnalysisFinished => {
  const to = start + minutes * minute;
  const measured = Object.entries(seen).map(
    ([address, value]): Measurement => ({
      name: "failed_logins_by_address",
      labels: { address },
      value,
      unit: "count",
    }),
  );
  const total: Measurement = { name: "failed_logins", labels: {}, value: 0, unit: "count" };
  const data: AnalysisFinished["data"] = {
    ...of,
    slotId: `${of.jobId}@${to}`,
    analysis: "failed-logins",
    window: { from: to - minute, to },
    everyMs: minute,
    delayMs: 0,
    revision: 0,
    reason: "due",
    outcome: "complete",
    failure: null,
    measurements: [total, ...measured],
    views: [],
    examples: [],
    truncated: [],
    finishedAt: to,
  };
  return { id: data.slotId, type: "analysis.finished", at: to, cause: null, data };
};

type Stores = Pick<
  Storage,
  "ruleStates" | "findings" | "configuration" | "notifications" | "withheld" | "silences" | "alerts"
>;

/** The steps between a result and its messages, each called by hand. */
export const openPipeline = (storage: Stores, clock: { now: number }) => {
  const updates: AlertUpdated[] = [];
  const now = () => clock.now;
  const emit = async (_topic: string, sent: readonly { event: { type: string } }[]) => {
    for (const { event } of sent) if (isUpdate(event)) updates.push(event);
  };
  const notify = () => decideNotifications(updates.splice(0), { ...storage, now, linksFor: () => [], emit });
  return {
    play: async (of: Watched, minutes: number, seen: Seen): Promise<void> => {
      clock.now = start + minutes * minute;
      const ports = { ...storage, getRuleKind, emit, now, markAlerts: async () => undefined };
      await evaluateResults([resultOf(of, minutes, seen)], ports);
      await notify();
    },
    /** How many alerts were told at the end of their silence. */
    sweep: async (): Promise<number> => {
      const told = await tellUnsilenced({ ...storage, emit, now });
      await notify();
      return told;
    },
    /** The provider took whatever is owed. */
    deliver: async (): Promise<void> => {
      const owed = await storage.notifications.list({ states: ["owed"], limit: 200 });
      await storage.notifications.settle(
        owed.map((one) => ({ ...one, state: "sent", attempts: 1, sentAt: clock.now, providerId: "receipt-1" })),
      );
    },
    books: async () => balanceBooks(await storage.findings.totals(), await storage.notifications.list({ limit: 1000 })),
  };
};

const isUpdate = (event: { type: string }): event is AlertUpdated => event.type === "alert.updated";

export type AlertsWorld = Awaited<ReturnType<typeof buildAlertsWorld>>;

/** A job of the editor's on `auth` whose rule fires at ten failures of one address, tells its owner's mail, and repeats every minute. */
export const buildAlertsWorld = async (api: TestApi) => {
  const world = await buildJobsWorld(api);
  const manners = { severity: "critical", repeat: "1m", repeatGrowth: 1, destinationIds: ["mail-owner"] };
  const { id } = await makeJob(api, world.owner, { every: "1m", window: "1m", rules: [ruleBody(manners)] });
  const watched: Watched = { jobId: id, jobName: "failed logins", serviceId: "auth", serviceName: "Sign-in" };
  const { play, ...steps } = openPipeline(api.storage, api.clock);
  const idOf = async (address: string): Promise<string> => {
    const alerts = await api.storage.alerts.list({ serviceIds: ["auth"], limit: 200 });
    const found = alerts.find(({ labels }) => labels.address === address);
    if (!found) throw new Error(`There is no alert of ${address}.`);
    return found.alertId;
  };
  return {
    ...world,
    ...steps,
    watched,
    idOf,
    play: (minutes: number, seen: Seen) => play(watched, minutes, seen),
    playOf: play,
  };
};
