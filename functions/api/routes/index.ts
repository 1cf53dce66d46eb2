// Every route, by area: one line an area.
import type { Route } from "../route.ts";
import { catalogueRoutes } from "./catalogue.ts";
import { documentRoutes } from "./documents.ts";
import { fieldRoutes } from "./fields.ts";
import { jobRoutes } from "./jobs.ts";
import { logRoutes } from "./logs.ts";
import { previewRoutes } from "./preview.ts";
import { serviceRoutes } from "./services.ts";
import { sourceRoutes } from "./sources.ts";

export const routes: readonly Route[] = [
  ...documentRoutes,
  ...catalogueRoutes,
  ...previewRoutes,
  ...sourceRoutes,
  ...jobRoutes,
  ...serviceRoutes,
  ...logRoutes,
  ...fieldRoutes,
];
