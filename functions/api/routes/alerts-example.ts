// What the documentation shows of alerts.

export const alertParams = { alertId: "a-4N1yQZ0c7mVb2kXo9sTfLw@2026-11-22T12:01:00.000Z" };

export const shownAlertLine = {
  id: alertParams.alertId,
  fingerprint: "4N1yQZ0c7mVb2kXo9sTfLw",
  ruleId: "01K0000000000000000000RULE",
  ruleName: "brute force",
  jobId: "01K00000000000000000000JOB",
  jobName: "failed logins",
  serviceId: "01K0000000000000000SERVICE",
  serviceName: "auth",
  severity: "critical" as const,
  labels: { address: "192.0.2.7" },
  state: "firing" as const,
  value: 41,
  why: "41 ≥ 10",
  openedAt: "2026-11-22T12:01:00.000Z",
  firedAt: "2026-11-22T12:01:00.000Z",
  resolvedAt: null,
  updatedAt: "2026-11-22T12:01:00.000Z",
  late: false,
  acknowledgement: {
    at: "2026-11-22T12:03:10.000Z",
    by: "01K0000000000000000000USER",
    byName: "User001",
    note: "Looking into it.",
  },
  role: "editor" as const,
};

export const shownAlert = {
  ...shownAlertLine,
  silencedBy: null,
  timeline: {
    items: [
      {
        at: "2026-11-22T12:01:00.000Z",
        from: "ok",
        to: "firing",
        value: 41,
        why: "41 ≥ 10",
        told: "opened",
        reason: null,
        silenceId: null,
        late: false,
      },
    ],
    truncated: false,
  },
  notifications: {
    items: [
      {
        id: "n-7dV0m3yqT1kZcQw8bXo2rA",
        at: "2026-11-22T12:01:02.000Z",
        channel: "email",
        destinationId: "01K000000000000DESTINATION",
        destinationName: "on call",
        told: "firing",
        state: "sent",
        reason: "",
        attempts: 1,
        nextAttemptAt: null,
        sentAt: "2026-11-22T12:01:03.000Z",
        receipt: "0102018f5b2c-11aa@email.example.com",
        resentAt: null,
      },
    ],
    truncated: false,
  },
};
