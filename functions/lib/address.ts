// IP addresses as numbers, and the blocks that belong to nobody on the internet. Text in; nothing is guessed from prefixes of it.
import { isIPv4, isIPv6 } from "node:net";

/** `bits` has 32 bits for version 4, 128 for version 6. */
export type Address = { version: 4 | 6; bits: bigint };

/**
 * Undefined for whatever is not an address: names, ports, lists. An IPv6 address that only carries an IPv4 one (mapped,
 * RFC 4291; NAT64, RFC 6052; 6to4, RFC 3056) is that IPv4 address.
 */
export const parseAddress = (text: string): Address | undefined => {
  const trimmed = text.trim();
  if (isIPv4(trimmed)) return { version: 4, bits: bitsOfV4(trimmed) };
  if (!isIPv6(trimmed)) return undefined;
  const bits = bitsOfV6(trimmed.replace(/%.*$/s, ""));
  const carried = carriers.find((carrier) => bits >> carrier.low === carrier.prefix);
  return carried ? { version: 4, bits: (bits >> carried.shift) & 0xffff_ffffn } : { version: 6, bits };
};

/** The text that every reader understands. */
export const addressText = ({ version, bits }: Address): string => {
  const parts = version === 4 ? [24n, 16n, 8n, 0n] : [112n, 96n, 80n, 64n, 48n, 32n, 16n, 0n];
  const mask = version === 4 ? 0xffn : 0xffffn;
  return parts
    .map((shift) => ((bits >> shift) & mask).toString(version === 4 ? 10 : 16))
    .join(version === 4 ? "." : ":");
};

/** True for addresses that no country routes: private, local, shared, documentation, multicast and otherwise reserved ones. */
export const isReserved = ({ version, bits }: Address): boolean =>
  (version === 4 ? reservedV4 : reservedV6).some(({ low, prefix }) => bits >> low === prefix);

/** Addresses that share what is left of their bits above `low`. */
export type AddressRange = { version: 4 | 6; low: bigint; prefix: bigint };

/**
 * `10.0.0.0/8`, `fd00::/8`, or one address, which is a range of one. Undefined for all else, and for a range of IPv6 addresses that
 * only carry IPv4 ones: no address is read as lying in it.
 */
export const addressRange = (text: string): AddressRange | undefined => {
  const [, base = "", length] = /^([^/]*)(?:\/(\d{1,3}))?$/.exec(text) ?? [];
  const address = base.includes("%") ? undefined : parseAddress(base);
  if (!address) return undefined;
  const width = address.version === 4 ? 32 : 128;
  const own = length === undefined ? width : Number(length);
  const isCarried = address.version === 4 && base.includes(":");
  if (own > width || (isCarried && length !== undefined)) return undefined;
  const low = BigInt(width - own);
  return { version: address.version, low, prefix: address.bits >> low };
};

export const isInRange = ({ version, bits }: Address, range: AddressRange): boolean =>
  version === range.version && bits >> range.low === range.prefix;

/** One machine on the internet: neither reserved nor, in IPv6, outside the one block from which such addresses are given. */
export const isPublicUnicast = (address: Address): boolean =>
  !isReserved(address) && (address.version === 4 || address.bits >> globalUnicast.low === globalUnicast.prefix);

/** Where clouds answer a machine about itself, its credentials included: most of all what a forged call is after. */
export const isMetadata = (address: Address): boolean => metadata.some((range) => isInRange(address, range));

const bitsOfV4 = (text: string): bigint => text.split(".").reduce((bits, part) => (bits << 8n) | BigInt(part), 0n);

const groupBits = 16n;
const groupCount = 8;

const bitsOfV6 = (text: string): bigint => {
  const [head = "", tail] = text.split("::");
  const left = groupsOf(head);
  const right = groupsOf(tail ?? "");
  const zeros = new Array<bigint>(Math.max(0, groupCount - left.length - right.length)).fill(0n);
  return [...left, ...zeros, ...right].reduce((bits, group) => (bits << groupBits) | group, 0n);
};

/** `1:2`, or `1:2:192.0.2.1`, whose end is two groups. */
const groupsOf = (text: string): bigint[] =>
  text === ""
    ? []
    : text.split(":").flatMap((group) => {
        if (!group.includes(".")) return [BigInt(`0x${group}`)];
        const bits = bitsOfV4(group);
        return [bits >> groupBits, bits & 0xffffn];
      });

/** An address is inside when what is left above `low` bits equals `prefix`. */
const block = (cidr: string): { low: bigint; prefix: bigint } => {
  const [address = "", length = ""] = cidr.split("/");
  const isV6 = address.includes(":");
  const low = BigInt((isV6 ? 128 : 32) - Number(length));
  return { low, prefix: (isV6 ? bitsOfV6(address) : bitsOfV4(address)) >> low };
};

const carriers = [
  { ...block("::ffff:0:0/96"), shift: 0n },
  { ...block("64:ff9b::/96"), shift: 0n },
  { ...block("2002::/16"), shift: 80n },
];

// The special-purpose registries of IANA (RFC 6890), with the RFC that set each block apart.
const reservedV4 = [
  "0.0.0.0/8", // this network, RFC 791
  "10.0.0.0/8", // private, RFC 1918
  "100.64.0.0/10", // shared by carriers, RFC 6598
  "127.0.0.0/8", // loopback, RFC 1122
  "169.254.0.0/16", // link-local, RFC 3927
  "172.16.0.0/12", // private, RFC 1918
  "192.0.0.0/24", // protocol assignments, RFC 6890
  "192.0.2.0/24", // documentation, RFC 5737
  "192.88.99.0/24", // former 6to4 relays, RFC 7526
  "192.168.0.0/16", // private, RFC 1918
  "198.18.0.0/15", // benchmarks, RFC 2544
  "198.51.100.0/24", // documentation, RFC 5737
  "203.0.113.0/24", // documentation, RFC 5737
  "224.0.0.0/4", // multicast, RFC 5771
  "240.0.0.0/4", // for later, and broadcast, RFC 1112
].map(block);

const reservedV6 = [
  "::/96", // unspecified, loopback, former IPv4-compatible, RFC 4291
  "64:ff9b:1::/48", // local NAT64, RFC 8215
  "100::/63", // discard and dummy prefix, RFC 6666 and 9780
  "2001::/32", // Teredo, RFC 4380: the address of a relay, not of a place
  "2001:2::/48", // benchmarks, RFC 5180
  "2001:10::/27", // identifiers that are not routed, RFC 4843 and 7343
  "2001:db8::/32", // documentation, RFC 3849
  "3fff::/20", // documentation, RFC 9637
  "5f00::/16", // segment routing, RFC 9602
  "fc00::/7", // unique local, RFC 4193
  "fe80::/10", // link-local, RFC 4291
  "fec0::/10", // former site-local, RFC 3879
  "ff00::/8", // multicast, RFC 4291
].map(block);

const globalUnicast = block("2000::/3"); // RFC 4291

const metadata = [
  "169.254.0.0/16", // AWS, Azure, Google and others; 169.254.170.2 and .23 hand out credentials of tasks
  "fd00:ec2::/32", // AWS
  "100.100.100.200", // Alibaba
  "192.0.0.192", // Oracle
  "168.63.129.16", // Azure's agent
  "fd20:ce::254", // Google
  "fd00:42::42", // Scaleway
].flatMap((text) => addressRange(text) ?? []);
