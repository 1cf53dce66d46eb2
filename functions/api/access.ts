// The one table of the API: for every route, who may call it and which object check applies. A route without a row does not load,
// and there is no second way to a handler.
import type { ServiceRole } from "../storage/members.ts";

/** On a service and whatever belongs to one; and `owner` alone on what belongs to one user. */
export type Role = ServiceRole;
const roles: readonly Role[] = ["viewer", "editor", "owner"];

/** What the object check finds, by kind. */
export type ObjectKind =
  | "source"
  | "service"
  | "job"
  | "run"
  | "alert"
  | "silence"
  | "destination"
  | "notification"
  | "token"
  | "session"
  | "user";

export type Access = {
  /** `user`: anyone signed in; `admin`: an admin of the instance. */
  who: "anyone" | "user" | "admin";
  /** A token that may only read calls no route that writes. */
  scope: "read" | "write";
  /** True where only a session will do: a token may not make tokens nor change the password. */
  session?: true;
  /** The path parameter that names an object, and the least role on it. Without the role `viewer`: 404, as if it were not there. */
  object?: { kind: ObjectKind; param: string; role: Role };
};

const on = <Kind extends ObjectKind>(kind: Kind, param: string, role: Role) => ({ kind, param, role });

export const access = {
  // The API itself.
  getOpenApi: { who: "anyone", scope: "read" },
  getDocs: { who: "anyone", scope: "read" },
  getInstance: { who: "anyone", scope: "read" },

  // Accounts.
  register: { who: "anyone", scope: "write" },
  signIn: { who: "anyone", scope: "write" },
  forgotPassword: { who: "anyone", scope: "write" },
  resetPassword: { who: "anyone", scope: "write" },
  signOut: { who: "user", scope: "write", session: true },
  getMe: { who: "user", scope: "read" },
  updateMe: { who: "user", scope: "write", session: true },
  changePassword: { who: "user", scope: "write", session: true },
  previewDeleteMe: { who: "user", scope: "read", session: true },
  deleteMe: { who: "user", scope: "write", session: true },
  listSessions: { who: "user", scope: "read", session: true },
  revokeSession: { who: "user", scope: "write", session: true, object: on("session", "sessionId", "owner") },
  revokeOtherSessions: { who: "user", scope: "write", session: true },
  listTokens: { who: "user", scope: "read", session: true },
  createToken: { who: "user", scope: "write", session: true },
  revokeToken: { who: "user", scope: "write", session: true, object: on("token", "tokenId", "owner") },

  // Users of the instance.
  listUsers: { who: "admin", scope: "read" },
  inviteUser: { who: "admin", scope: "write", session: true },
  updateUser: { who: "admin", scope: "write", session: true, object: on("user", "userId", "owner") },
  deleteUser: { who: "admin", scope: "write", session: true, object: on("user", "userId", "owner") },

  // Catalogue.
  getCatalogue: { who: "user", scope: "read" },

  // Sources.
  listSources: { who: "user", scope: "read" },
  createSource: { who: "user", scope: "write" },
  testSourceSettings: { who: "user", scope: "write" },
  getSource: { who: "user", scope: "read", object: on("source", "sourceId", "owner") },
  updateSource: { who: "user", scope: "write", object: on("source", "sourceId", "owner") },
  deleteSource: { who: "user", scope: "write", object: on("source", "sourceId", "owner") },
  testSource: { who: "user", scope: "write", object: on("source", "sourceId", "owner") },
  listSourceFields: { who: "user", scope: "read", object: on("source", "sourceId", "owner") },

  // Services and their members.
  listServices: { who: "user", scope: "read" },
  createService: { who: "user", scope: "write" },
  getService: { who: "user", scope: "read", object: on("service", "serviceId", "viewer") },
  updateService: { who: "user", scope: "write", object: on("service", "serviceId", "owner") },
  deleteService: { who: "user", scope: "write", object: on("service", "serviceId", "owner") },
  listServiceFields: { who: "user", scope: "read", object: on("service", "serviceId", "viewer") },
  listFieldValues: { who: "user", scope: "read", object: on("service", "serviceId", "viewer") },
  searchLogs: { who: "user", scope: "read", object: on("service", "serviceId", "viewer") },
  listMembers: { who: "user", scope: "read", object: on("service", "serviceId", "viewer") },
  addMember: { who: "user", scope: "write", object: on("service", "serviceId", "owner") },
  updateMember: { who: "user", scope: "write", object: on("service", "serviceId", "owner") },
  removeMember: { who: "user", scope: "write", object: on("service", "serviceId", "owner") },
  leaveService: { who: "user", scope: "write", object: on("service", "serviceId", "viewer") },

  // Runs.
  listRuns: { who: "user", scope: "read" },
  createRun: { who: "user", scope: "write", object: on("service", "serviceId", "editor") },
  getRun: { who: "user", scope: "read", object: on("run", "runId", "owner") },
  cancelRun: { who: "user", scope: "write", object: on("run", "runId", "owner") },

  // Jobs and what they found.
  listJobs: { who: "user", scope: "read" },
  createJob: { who: "user", scope: "write" },
  getJob: { who: "user", scope: "read", object: on("job", "jobId", "viewer") },
  updateJob: { who: "user", scope: "write", object: on("job", "jobId", "owner") },
  deleteJob: { who: "user", scope: "write", object: on("job", "jobId", "owner") },
  enableJob: { who: "user", scope: "write", object: on("job", "jobId", "owner") },
  disableJob: { who: "user", scope: "write", object: on("job", "jobId", "owner") },
  duplicateJob: { who: "user", scope: "write", object: on("job", "jobId", "editor") },
  runJob: { who: "user", scope: "write", object: on("job", "jobId", "editor") },
  getSnapshot: { who: "user", scope: "read", object: on("job", "jobId", "viewer") },
  getHistory: { who: "user", scope: "read", object: on("job", "jobId", "viewer") },
  getCoverage: { who: "user", scope: "read", object: on("job", "jobId", "viewer") },
  fillGap: { who: "user", scope: "write", object: on("job", "jobId", "editor") },
  previewRules: { who: "user", scope: "read", object: on("job", "jobId", "viewer") },

  // Alerts and silences.
  listAlerts: { who: "user", scope: "read" },
  getAlert: { who: "user", scope: "read", object: on("alert", "alertId", "viewer") },
  getAlertEvidence: { who: "user", scope: "read", object: on("alert", "alertId", "viewer") },
  acknowledgeAlert: { who: "user", scope: "write", object: on("alert", "alertId", "editor") },
  unacknowledgeAlert: { who: "user", scope: "write", object: on("alert", "alertId", "editor") },
  listSilences: { who: "user", scope: "read" },
  createSilence: { who: "user", scope: "write", object: on("service", "serviceId", "editor") },
  previewSilence: { who: "user", scope: "read", object: on("service", "serviceId", "viewer") },
  getSilence: { who: "user", scope: "read", object: on("silence", "silenceId", "viewer") },
  updateSilence: { who: "user", scope: "write", object: on("silence", "silenceId", "editor") },
  endSilence: { who: "user", scope: "write", object: on("silence", "silenceId", "editor") },

  // Destinations and what was sent to them.
  listDestinations: { who: "user", scope: "read" },
  createDestination: { who: "user", scope: "write" },
  getDestination: { who: "user", scope: "read", object: on("destination", "destinationId", "owner") },
  updateDestination: { who: "user", scope: "write", object: on("destination", "destinationId", "owner") },
  deleteDestination: { who: "user", scope: "write", object: on("destination", "destinationId", "owner") },
  requestConfirmation: { who: "user", scope: "write", object: on("destination", "destinationId", "owner") },
  confirmDestination: { who: "anyone", scope: "write" },
  testDestination: { who: "user", scope: "write", object: on("destination", "destinationId", "owner") },
  listNotifications: { who: "user", scope: "read" },
  getNotification: { who: "user", scope: "read", object: on("notification", "notificationId", "viewer") },
  resendNotification: { who: "user", scope: "write", object: on("notification", "notificationId", "owner") },

  // All of mine as a file.
  exportWatch: { who: "user", scope: "read" },
  applyWatch: { who: "user", scope: "write" },

  // What happened, how it goes, what changed.
  listAudit: { who: "user", scope: "read" },
  getStatus: { who: "user", scope: "read" },
  getChanges: { who: "user", scope: "read" },
} as const satisfies Record<string, Access>;

export type RouteId = keyof typeof access;

/** The row of a route. */
export const accessOf = (id: RouteId): Access => access[id];

export const isAtLeast = (role: Role, least: Role): boolean => roles.indexOf(role) >= roles.indexOf(least);
