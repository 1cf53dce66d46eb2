// Which handler answers which path; every other path is either a 404 or, as in Graylog, the web page with status 200.
import { getAggregate, postAggregate } from "./aggregate-api.ts";
import { type ApiAnswer, apiError, empty, isRefusal, isSearchProblem } from "./api-answer.ts";
import type { ApiCall } from "./api-call.ts";
import { postExport } from "./export-api.ts";
import { getMessages, postMessages } from "./messages-api.ts";
import * as about from "./system-api.ts";
import { universal } from "./universal-api.ts";
import { postValidate } from "./validate-api.ts";
import { postSync, viewsFields } from "./views-api.ts";

type Handler = (call: ApiCall) => ApiAnswer;
/** Method and path to handler; those under `/api/` only. */
const routes: Readonly<Record<string, Readonly<Record<string, Handler>>>> = {
  "/api/search/messages": { POST: postMessages, GET: getMessages },
  "/api/search/aggregate": { POST: postAggregate, GET: getAggregate },
  "/api/search/validate": { POST: postValidate },
  "/api/search/universal/absolute": { GET: universal("absolute") },
  "/api/search/universal/relative": { GET: universal("relative") },
  "/api/search/universal/keyword": { GET: universal("keyword") },
  "/api/views/search/sync": { POST: postSync },
  "/api/views/search/messages": { POST: postExport },
  "/api/views/fields": { GET: viewsFields, POST: viewsFields },
  "/api/system": { GET: about.system },
  "/api/system/fields": { GET: about.fields },
  "/api/system/journal": { GET: about.journal },
  "/api/system/inputs": { GET: about.systemInputs },
  "/api/system/inputstates": { GET: about.inputStates },
  "/api/system/indexer/failures": { GET: about.indexerFailures },
  "/api/system/indexer/failures/count": { GET: about.indexerFailureCount },
  "/api/system/indexer/overview": { GET: about.indexerOverview },
  "/api/streams": { GET: about.streams },
};

/** Below these Graylog answers to a strange path; anywhere else it shows its web page. */
const knownRoots = /^\/api\/(search|system|views|streams|events|users)(\/|$)/;

export const isKnownPath = (path: string): boolean => path === "/api/" || path === "/api" || knownRoots.test(path);

/** One call to an answer: the place where refusals become HTTP. */
export const answerCall = (method: string, contentType: string, call: ApiCall): ApiAnswer => {
  try {
    const path = call.path.replace(/\/+$/, "");
    if (path === "/api") return about.root(call);
    const methods = Object.hasOwn(routes, path) ? routes[path] : undefined;
    if (!methods) return apiError(404, "HTTP 404 Not Found");
    const handler = Object.hasOwn(methods, method) ? methods[method] : undefined;
    if (!handler) return method === "OPTIONS" ? empty(200) : apiError(405, "HTTP 405 Method Not Allowed");
    if (method === "POST" && !/^application\/json\b/i.test(contentType)) {
      return apiError(415, "HTTP 415 Unsupported Media Type");
    }
    return handler(call);
  } catch (error) {
    return answerToError(error);
  }
};

const answerToError = (error: unknown): ApiAnswer => {
  if (isRefusal(error)) return error.answer;
  if (!isSearchProblem(error)) throw error;
  try {
    return apiError(400, `Failed to obtain results. ${error.searchProblem.description}`);
  } catch (refusal) {
    if (isRefusal(refusal)) return refusal.answer;
    throw refusal;
  }
};

export const webPage: ApiAnswer = {
  status: 200,
  type: "text/html",
  body: '<!DOCTYPE html>\n<html>\n  <head>\n    <meta charset="UTF-8">\n    <title>Graylog Web Interface</title>\n  </head>\n  <body>\n    <div id="app-root"></div>\n  </body>\n</html>\n',
};
