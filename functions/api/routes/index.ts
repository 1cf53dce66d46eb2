// Every route, by area: one line an area.
import type { Route } from "../route.ts";
import { accountRoutes } from "./accounts.ts";
import { alertRoutes } from "./alerts.ts";
import { auditRoutes } from "./audit.ts";
import { catalogueRoutes } from "./catalogue.ts";
import { changeRoutes } from "./changes.ts";
import { coverageRoutes } from "./coverage.ts";
import { destinationRoutes } from "./destinations.ts";
import { documentRoutes } from "./documents.ts";
import { evidenceRoutes } from "./evidence.ts";
import { fieldRoutes } from "./fields.ts";
import { historyRoutes } from "./history.ts";
import { jobRoutes } from "./jobs.ts";
import { logRoutes } from "./logs.ts";
import { memberRoutes } from "./members.ts";
import { notificationRoutes } from "./notifications.ts";
import { previewRoutes } from "./preview.ts";
import { runRoutes } from "./runs.ts";
import { serviceRoutes } from "./services.ts";
import { sessionRoutes } from "./sessions.ts";
import { silenceRoutes } from "./silences.ts";
import { snapshotRoutes } from "./snapshot.ts";
import { sourceRoutes } from "./sources.ts";
import { statusRoutes } from "./status.ts";
import { tokenRoutes } from "./tokens.ts";
import { userRoutes } from "./users.ts";
import { watchRoutes } from "./watch.ts";

export const routes: readonly Route[] = [
  ...documentRoutes,
  ...accountRoutes,
  ...sessionRoutes,
  ...tokenRoutes,
  ...userRoutes,
  ...memberRoutes,
  ...catalogueRoutes,
  ...previewRoutes,
  ...sourceRoutes,
  ...jobRoutes,
  ...serviceRoutes,
  ...logRoutes,
  ...fieldRoutes,
  ...destinationRoutes,
  ...notificationRoutes,
  ...watchRoutes,
  ...auditRoutes,
  ...changeRoutes,
  ...coverageRoutes,
  ...historyRoutes,
  ...runRoutes,
  ...snapshotRoutes,
  ...statusRoutes,
  ...alertRoutes,
  ...evidenceRoutes,
  ...silenceRoutes,
];
