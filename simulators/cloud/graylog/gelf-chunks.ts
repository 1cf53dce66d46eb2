// Puts chunked GELF datagrams together. Limits are Graylog's: 128 chunks, all within 5 s; a chunk that comes twice counts once.

type Parts = { chunks: (Buffer | undefined)[]; missing: number; until: number };
export type GelfChunks = {
  /** The whole message when this was the last missing chunk. */
  add: (datagram: Buffer, now: number) => Buffer | undefined;
  /** Messages that still wait for chunks. */
  waiting: () => number;
};

const maxChunks = 128;
const maxWaitMs = 5000;
const headerBytes = 12;
/** A flood of first chunks must not fill the memory: the oldest messages are forgotten. */
const maxWaiting = 10_000;

export const isChunk = (datagram: Buffer): boolean => datagram[0] === 0x1e && datagram[1] === 0x0f;

export const gelfChunks = (): GelfChunks => {
  const waiting = new Map<string, Parts>();
  const forget = (now: number) => {
    // Messages wait in the order in which they began.
    for (const [id, parts] of waiting) {
      if (parts.until > now && waiting.size <= maxWaiting) return;
      waiting.delete(id);
    }
  };
  return {
    add: (datagram, now) => {
      forget(now);
      const sequence = datagram[10];
      const count = datagram[11];
      if (datagram.length < headerBytes || sequence === undefined || count === undefined) return undefined;
      if (count === 0 || count > maxChunks || sequence >= count) return undefined;
      const id = datagram.toString("latin1", 2, 10);
      const parts = waiting.get(id) ?? { chunks: Array(count).fill(undefined), missing: count, until: now + maxWaitMs };
      if (parts.chunks.length !== count || parts.chunks[sequence]) return undefined;
      waiting.set(id, parts);
      parts.chunks[sequence] = datagram.subarray(headerBytes);
      parts.missing -= 1;
      if (parts.missing > 0) return undefined;
      waiting.delete(id);
      return Buffer.concat(parts.chunks.filter((chunk) => chunk !== undefined));
    },
    waiting: () => waiting.size,
  };
};
