// Reads the body of an answer as text, unpacked and up to a bound: neither an endless body nor a bomb of gzip fills the memory.
import type { IncomingMessage } from "node:http";
import { pipeline, type Readable } from "node:stream";
import { createBrotliDecompress, createUnzip } from "node:zlib";

/** `isCut`: there is more, which was not read. */
export type BoundedBody = { text: string; isCut: boolean };

/** Undefined where the body is packed in a way that nobody asked for. @throws when the connection breaks off. */
export const boundedBody = async (answer: IncomingMessage, maxBytes: number): Promise<BoundedBody | undefined> => {
  const unpacked = unpack(answer);
  if (!unpacked) return undefined;
  const decoder = new TextDecoder();
  let text = "";
  let sizeBytes = 0;
  for await (const chunk of unpacked) {
    if (!(chunk instanceof Uint8Array)) throw new Error("A body came as something else than bytes.");
    const fits = chunk.subarray(0, maxBytes - sizeBytes);
    text += decoder.decode(fits, { stream: true });
    sizeBytes += fits.byteLength;
    // Leaving the loop closes the connection.
    if (fits.byteLength < chunk.byteLength) return { text, isCut: true };
  }
  return { text: text + decoder.decode(), isCut: false };
};

/** One coding only: codings inside codings multiply what a small answer can become. */
const unpack = (answer: IncomingMessage): Readable | undefined => {
  const coding = (answer.headers["content-encoding"] ?? "identity").trim().toLowerCase();
  // What has no body is not packed, whatever it says.
  const isEmpty = answer.headers["content-length"] === "0" || [204, 304].includes(answer.statusCode ?? 0);
  if (coding === "identity" || coding === "" || isEmpty) return answer;
  const unpacked = /^(x-)?gzip$|^deflate$/.test(coding)
    ? createUnzip()
    : coding === "br"
      ? createBrotliDecompress()
      : undefined;
  // An error of either ends both, and is thrown where the unpacked bytes are read.
  return unpacked && pipeline(answer, unpacked, () => undefined);
};
