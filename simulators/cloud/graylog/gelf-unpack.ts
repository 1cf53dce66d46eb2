// Unpacks a GELF payload: plain, gzip or zlib, by its first bytes. A bomb is stopped at Graylog's own limit.
import { promisify } from "node:util";
import { gunzip, inflate } from "node:zlib";

const maxUnpackedBytes = 8_388_608;
const unpackGzip = promisify(gunzip);
const unpackZlib = promisify(inflate);

/** Undefined when it cannot be unpacked or grows beyond 8 MiB: Graylog drops it without a word to the sender. */
export const gelfText = async (payload: Buffer): Promise<string | undefined> => {
  const [first = 0, second = 0] = payload;
  const isZlib = first === 0x78 && (first * 256 + second) % 31 === 0;
  const isGzip = first === 0x1f && second === 0x8b;
  if (!isGzip && !isZlib) return payload.toString("utf8");
  try {
    const bytes = await (isGzip ? unpackGzip : unpackZlib)(payload, { maxOutputLength: maxUnpackedBytes });
    return bytes.toString("utf8");
  } catch {
    return undefined;
  }
};
