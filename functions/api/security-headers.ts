// Security headers of every answer (OWASP's list for APIs): nothing here is a page to be framed, sniffed, run or read by another site.
import type middy from "@middy/core";
import type { APIGatewayProxyStructuredResultV2 } from "aws-lambda";

const always = {
  // The docs page brings its own style and nothing else.
  "content-security-policy":
    "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
  "cross-origin-opener-policy": "same-origin",
  "cross-origin-resource-policy": "same-origin",
  "permissions-policy": "camera=(), geolocation=(), microphone=()",
  "referrer-policy": "no-referrer",
  "strict-transport-security": "max-age=63072000; includeSubDomains",
  "x-content-type-options": "nosniff",
  "x-dns-prefetch-control": "off",
  "x-frame-options": "DENY",
  "x-permitted-cross-domain-policies": "none",
};

/** A middleware that adds them to whatever the handler answers. */
export const securityHeaders = (): middy.MiddlewareObj<unknown, APIGatewayProxyStructuredResultV2> => ({
  after: ({ response }) => {
    if (response) response.headers = { ...always, ...response.headers };
  },
});
