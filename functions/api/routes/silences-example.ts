// What the documentation shows of silences.

export const silenceParams = { silenceId: "01K00000000000000000SILENCE" };
export const silencedService = { serviceId: "01K0000000000000000SERVICE" };

export const askedSilence = {
  matchers: [{ name: "address", op: "=~" as const, value: "192\\.0\\.2\\..*" }],
  duration: "2h",
  comment: "Penetration test until two.",
};

export const shownSilence = {
  id: silenceParams.silenceId,
  serviceId: silencedService.serviceId,
  matchers: askedSilence.matchers,
  startsAt: "2026-11-22T12:00:00.000Z",
  endsAt: "2026-11-22T14:00:00.000Z",
  state: "active",
  endedEarly: false,
  comment: askedSilence.comment,
  authorId: "01K0000000000000000000USER",
  authorName: "User001",
  version: 1,
  createdAt: "2026-11-22T12:00:00.000Z",
  updatedAt: "2026-11-22T12:00:00.000Z",
};

const hidden = {
  id: "a-4N1yQZ0c7mVb2kXo9sTfLw@2026-11-22T12:01:00.000Z",
  ruleName: "brute force",
  jobName: "failed logins",
  severity: "critical",
  labels: { address: "192.0.2.7" },
  state: "firing",
  openedAt: "2026-11-22T11:40:00.000Z",
  updatedAt: "2026-11-22T11:40:00.000Z",
};

export const shownPreview = {
  now: { alerts: 1, listed: [hidden] },
  lastDay: { alerts: 1, changes: 2, listed: [{ ...hidden, changes: 2 }] },
  complete: true,
};
