// Small pieces of HTTP that every part of the mailbox uses: bounded bodies, answers with safe headers, answers cut short.
import type { IncomingMessage, ServerResponse } from "node:http";

/** The body as text, or undefined when it is longer than `maxBytes` (what follows is thrown away, not kept). */
export const readBody = async (req: IncomingMessage, maxBytes: number): Promise<string | undefined> => {
  const chunks: Buffer[] = [];
  let sizeBytes = 0;
  for await (const chunk of req) {
    const piece = Buffer.from(chunk);
    sizeBytes += piece.length;
    if (sizeBytes <= maxBytes) chunks.push(piece);
  }
  return sizeBytes > maxBytes ? undefined : Buffer.concat(chunks).toString("utf8");
};

const always = {
  "x-content-type-options": "nosniff",
  "referrer-policy": "no-referrer",
  "x-dns-prefetch-control": "off",
  "cross-origin-resource-policy": "same-origin",
  "cache-control": "no-cache",
};

export type Reply = { status: number; type: string; body: string; headers?: Record<string, string> };

/** `partial` sends a part of the answer and hangs up: the caller cannot know whether it was understood. */
export const answer = (res: ServerResponse, { status, type, body, headers }: Reply, partial = false): void => {
  const bytes = Buffer.from(body, "utf8");
  res.writeHead(status, { ...always, "content-type": type, "content-length": bytes.length, ...headers });
  if (!partial) {
    res.end(bytes);
    return;
  }
  res.write(bytes.subarray(0, Math.floor(bytes.length / 2)), () => res.destroy());
};

export const json = (status: number, value: unknown, headers?: Record<string, string>): Reply => ({
  status,
  type: "application/json; charset=utf-8",
  body: `${JSON.stringify(value)}\n`,
  headers,
});

export const plain = (status: number, body: string, headers?: Record<string, string>): Reply => ({
  status,
  type: "text/plain; charset=utf-8",
  body,
  headers,
});
