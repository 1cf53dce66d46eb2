// Whether everybody who would be told at a destination has agreed to it. Pure.
import type { DestinationRecord } from "../../storage/configuration.ts";

/** Of those who are needed, who has agreed. */
export const agreedIn = (
  { confirmedAt, agreed = [] }: DestinationRecord,
  needed: readonly string[],
): readonly string[] => (confirmedAt === null ? needed.filter((one) => agreed.includes(one)) : needed);

/**
 * `record` with what of `before` still holds: whoever agreed to be told by this channel need not agree again, anybody new must.
 * `needed`: who must agree now; `neededBefore`: who had to.
 */
export const settleAgreement = (
  record: DestinationRecord,
  needed: readonly string[],
  before: DestinationRecord | undefined,
  neededBefore: readonly string[],
  now: number,
): DestinationRecord => {
  const known = before?.channel === record.channel ? before : undefined;
  const said = known ? agreedIn(known, neededBefore) : [];
  return withAgreed(record, needed, said, known?.confirmedAt ?? now);
};

/** One more has agreed. */
export const agree = (
  record: DestinationRecord,
  needed: readonly string[],
  address: string,
  now: number,
): DestinationRecord => withAgreed(record, needed, [...agreedIn(record, needed), address], record.confirmedAt ?? now);

const withAgreed = (
  { agreed: _before, ...record }: DestinationRecord,
  needed: readonly string[],
  said: readonly string[],
  now: number,
): DestinationRecord => {
  const agreed = needed.filter((one) => said.includes(one));
  if (agreed.length === needed.length) return { ...record, confirmedAt: now };
  return agreed.length === 0 ? { ...record, confirmedAt: null } : { ...record, confirmedAt: null, agreed };
};
