// Whether a target may be called, by the policy and by every address that its name leads to. Pure: no look-up happens here.
import { type Address, isInRange, isMetadata, isPublicUnicast, parseAddress } from "./address.ts";
import type { EgressFailure, EgressKind } from "./egress-failure.ts";
import type { Allowance, EgressPolicy } from "./egress-policy.ts";
import type { Target } from "./egress-url.ts";
import { fail, ok, type Result } from "./result.ts";

/** What can be refused before the name is looked up: where only listed hosts may be called, others are not even looked up. */
export const checkName = (target: Target, policy: EgressPolicy): Result<true, EgressFailure> => {
  const named = namedBy(target, policy);
  if (target.isLiteral || named.some(({ trusted }) => trusted)) return ok(true);
  if (named.length > 0) return target.scheme === "https" ? ok(true) : refused("plain-http", target, policy);
  if (policy.onlyListed) return refused("host-not-allowed", target, policy);
  // What a name leads to may lie in a listed range; where there is none, the scheme and the port decide at once.
  const hasRanges = policy.allowances.some(({ match }) => "range" in match);
  return hasRanges ? ok(true) : checkReach(target, policy, false);
};

/** All that can be said of a target without looking its name up. */
export const checkTarget = (target: Target, policy: EgressPolicy): Result<true, EgressFailure> => {
  const named = checkName(target, policy);
  return named.ok && target.isLiteral ? checkAddresses(target, [target.host], policy) : named;
};

/** One refused address refuses the call: which of them is connected to is not ours to choose. */
export const checkAddresses = (
  target: Target,
  texts: readonly string[],
  policy: EgressPolicy,
): Result<true, EgressFailure> => {
  const named = namedBy(target, policy);
  const trusts: boolean[] = [];
  for (const text of texts) {
    const address = parseAddress(text);
    const listed = address ? [...named, ...listedBy(address, target, policy)] : [];
    const isTrusted = listed.some(({ trusted }) => trusted);
    if (policy.onlyListed && listed.length === 0) return refused("host-not-allowed", target, policy);
    if (!address || (isMetadata(address) && !isNamedExactly(address, target, policy))) {
      return refused(address ? "metadata" : "not-public", target, policy);
    }
    if (!isTrusted && !isPublicUnicast(address)) return refused("not-public", target, policy);
    trusts.push(isTrusted);
  }
  const isTrusted = trusts.every(Boolean);
  // What is listed without trust was matched with its port; only the scheme is left to check.
  return policy.onlyListed && !isTrusted && target.scheme === "https"
    ? ok(true)
    : checkReach(target, policy, isTrusted);
};

/** Scheme and port. A trusted target was matched with its port. */
const checkReach = (target: Target, policy: EgressPolicy, isTrusted: boolean): Result<true, EgressFailure> => {
  if (isTrusted) return ok(true);
  if (target.scheme === "http") return refused("plain-http", target, policy);
  return policy.usualPorts.https.includes(target.port) ? ok(true) : refused("port-not-allowed", target, policy);
};

const namedBy = (target: Target, policy: EgressPolicy): Allowance[] =>
  policy.allowances.filter(
    ({ match, port }) =>
      (("name" in match && match.name === target.host) ||
        ("suffix" in match && !target.isLiteral && target.host.endsWith(match.suffix))) &&
      hasPort(port, target, policy),
  );

const listedBy = (address: Address, target: Target, policy: EgressPolicy): Allowance[] =>
  policy.allowances.filter(
    ({ match, port }) => "range" in match && isInRange(address, match.range) && hasPort(port, target, policy),
  );

const hasPort = (port: Allowance["port"], target: Target, policy: EgressPolicy): boolean =>
  port === "any" || (port === "usual" ? policy.usualPorts[target.scheme].includes(target.port) : port === target.port);

/** A wider range that happens to hold such an address was not meant to. */
const isNamedExactly = (address: Address, target: Target, policy: EgressPolicy): boolean =>
  listedBy(address, target, policy).some(({ match, trusted }) => trusted && "range" in match && match.range.low === 0n);

const refused = (
  kind: EgressKind,
  { shown, scheme, port, isLiteral }: Target,
  { listName, usualPorts }: EgressPolicy,
): Result<never, EgressFailure> => {
  const leads = isLiteral ? "is" : "leads to";
  const reasons: Partial<Record<EgressKind, string>> = {
    "host-not-allowed": `only the hosts in ${listName} may be`,
    "port-not-allowed": `port ${port} is not one of ${usualPorts[scheme].join(", ")}; the operator can allow it in ${listName}`,
    "plain-http": `plain http is only for hosts that the operator allows in ${listName}; use https`,
    "not-public": `it ${leads} an address that is not public; the operator can allow it in ${listName}`,
    metadata: `it ${leads} an address at which a cloud tells its machines their credentials`,
  };
  // What a name leads to may be put right; an address stays what it is.
  const retryable = !isLiteral && (kind === "not-public" || kind === "metadata");
  return fail({ kind, message: `${shown} may not be called: ${reasons[kind] ?? kind}.`, retryable });
};
