// A job as the API's document shows it: what is sent, and what comes back.

export const jobParams = { jobId: "01HZY000000000000000000JOB" };

const rule = {
  name: "brute force",
  kind: "threshold",
  params: { measurement: "failed_logins_by_address", op: "ge", limit: 10 },
  severity: "critical" as const,
  hold: "30s",
  destinationIds: ["01HZY000000000000000000DEST"],
};

export const jobExample = {
  name: "failed logins",
  serviceId: "01HZY0000000000000000SERVICE",
  analysis: "failed-logins",
  params: {},
  every: "10s",
  window: "1m",
  delay: "30s",
  enabled: true,
  rules: [rule],
};

const { rules: _rules, params, ...settings } = jobExample;

const shown = {
  ...settings,
  id: jobParams.jobId,
  serviceName: "sign-in",
  role: "owner",
  ownerId: "01HZY000000000000000000USER",
  ownerName: "the owner",
  ownerDisabled: false,
  version: 3,
  createdAt: "2026-11-22T12:00:00.000Z",
  updatedAt: "2026-11-22T12:30:00.000Z",
  managedByFile: false,
};

export const shownLine = { ...shown, ruleCount: 1 };

export const shownJob = {
  ...shown,
  params,
  rules: [
    {
      ...rule,
      id: "01HZY000000000000000000RULE",
      clearAfter: "0s",
      repeat: "4h",
      repeatGrowth: 2,
      tellResolved: true,
      onFailure: "keep",
      onNoData: "keep",
      maxExamples: 10,
      maxTracked: 1000,
      flapping: { changes: 6, within: "1h" },
      enabled: true,
    },
  ],
};
