// The API, the edge: one Lambda behind an HTTP API (payload 2.0). Turns the gateway's event into a request, and the answer into its
// response; middy sets the security headers.
import middy from "@middy/core";
import type { APIGatewayProxyEventV2, APIGatewayProxyStructuredResultV2 } from "aws-lambda";
import { createDispatch, type HttpRequest } from "./dispatch.ts";
import { type Outside, openPorts } from "./open-ports.ts";
import { readCookies } from "./read-cookies.ts";
import { createRouter } from "./router.ts";
import { routes } from "./routes/index.ts";
import { securityHeaders } from "./security-headers.ts";

export type ApiHandler = (event: APIGatewayProxyEventV2) => Promise<APIGatewayProxyStructuredResultV2>;

/** One process's handler; what it is made of is made once. */
export const apiHandler = (outside: Outside): ApiHandler => {
  const dispatch = createDispatch(createRouter(routes), openPorts(outside));
  const handler = middy(async (event: APIGatewayProxyEventV2): Promise<APIGatewayProxyStructuredResultV2> => {
    const { status, headers, cookies, body } = await dispatch(requestOf(event));
    return { statusCode: status, headers: { ...headers }, cookies: [...cookies], body };
  }).use(securityHeaders());
  // Middy wants a context only for time-outs, which are the gateway's here.
  return (event) => handler(event, Object.create(null));
};

const requestOf = (event: APIGatewayProxyEventV2): HttpRequest => ({
  id: event.requestContext.requestId,
  method: event.requestContext.http.method,
  path: event.rawPath.replace(/^\/api(?=\/|$)/, "") || "/",
  query: event.rawQueryString,
  headers: event.headers,
  cookies: readCookies(event.cookies ?? []),
  body: event.isBase64Encoded ? Buffer.from(event.body ?? "", "base64").toString("utf8") : (event.body ?? ""),
  address: event.requestContext.http.sourceIp,
});
