// The body of a request as text, bounded.
import type { IncomingMessage } from "node:http";

/** Undefined when it is larger than allowed; the rest is read and forgotten, so that the caller can read the answer. */
export const bodyBytes = async (req: IncomingMessage, maxBytes: number): Promise<Buffer | undefined> => {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of req) {
    const bytes = Buffer.isBuffer(chunk) ? chunk : Buffer.from(String(chunk));
    size += bytes.length;
    if (size <= maxBytes) chunks.push(bytes);
    else chunks.length = 0;
    // Nobody is read without end: a sender far beyond the limit is cut off, as the real server does.
    if (size > maxBytes * 8 + 8_388_608) {
      req.socket.destroy();
      return undefined;
    }
  }
  return size > maxBytes ? undefined : Buffer.concat(chunks);
};

export const bodyText = async (req: IncomingMessage, maxBytes: number): Promise<string | undefined> =>
  (await bodyBytes(req, maxBytes))?.toString("utf8");
