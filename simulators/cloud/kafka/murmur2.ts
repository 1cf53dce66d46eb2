// Which partition a key belongs to, as Kafka's default partitioner decides: murmur2 over the key's bytes, its sign cut off.

const seed = 0x9747b28c;
const multiplier = 0x5bd1e995;

/** Kafka's 32-bit murmur2 (`org.apache.kafka.common.utils.Utils.murmur2`), signed as Java's int is. */
export const murmur2 = (bytes: Uint8Array): number => {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const tail = bytes.length & ~3;
  let hash = seed ^ bytes.length;
  for (let at = 0; at < tail; at += 4) {
    let word = Math.imul(view.getUint32(at, true), multiplier);
    word = Math.imul(word ^ (word >>> 24), multiplier);
    hash = Math.imul(hash, multiplier) ^ word;
  }
  for (let at = bytes.length - 1; at >= tail; at -= 1) hash ^= view.getUint8(at) << (8 * (at - tail));
  if (tail < bytes.length) hash = Math.imul(hash, multiplier);
  hash = Math.imul(hash ^ (hash >>> 13), multiplier);
  return (hash ^ (hash >>> 15)) | 0;
};

/** The partition of a key, 0 to `partitions` - 1. */
export const partitionOf = (key: Uint8Array, partitions: number): number => (murmur2(key) & 0x7fffffff) % partitions;
