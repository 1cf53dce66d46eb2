// The API about itself: which instance this is, its OpenAPI document, and the same to read.
import { instance } from "@logwatch/events/api";
import * as z from "zod";
import { docsPage } from "../docs-page.ts";
import { openApiOf } from "../openapi.ts";
import { answer, defineRoute, type Route } from "../route.ts";
import { routes } from "./index.ts";

const apiVersion = "1";

/** Made once, at the first question: the registry of routes is not complete while this file loads. */
let document: Record<string, unknown> | undefined;
let page: string | undefined;

export const documentRoutes: Route[] = [
  defineRoute("getInstance", {
    method: "GET",
    path: "/",
    area: "about",
    title: "Which instance this is",
    reply: instance,
    isPublic: true,
    example: { reply: { name: "LogWatch", version: apiVersion, registration: "open" } },
    handle: async (_call, { config }) =>
      answer({ name: "LogWatch" as const, version: apiVersion, registration: config.REGISTRATION }),
  }),
  defineRoute("getOpenApi", {
    method: "GET",
    path: "/openapi.json",
    area: "about",
    title: "This API as OpenAPI 3.1",
    reply: z.record(z.string(), z.unknown()),
    isPublic: true,
    example: {},
    handle: async () => {
      document ??= openApiOf(routes);
      return answer(document);
    },
  }),
  defineRoute("getDocs", {
    method: "GET",
    path: "/docs",
    area: "about",
    title: "This API, to read",
    reply: z.string(),
    media: "text/html",
    isPublic: true,
    example: {},
    handle: async () => {
      page ??= docsPage(routes);
      return answer(page);
    },
  }),
];
