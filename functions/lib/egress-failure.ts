// Why a call to an address that a user gave was not made, or got no answer. Each kind is one rule; messages name the host as it was
// written and the rule, never an address that a name leads to and never a secret.

export type EgressKind =
  /** Not an address that everybody reads alike: blanks, control signs, backslashes, no host, a dot at the end. */
  | "bad-url"
  | "bad-scheme"
  | "credentials-in-url"
  | "host-not-allowed"
  | "port-not-allowed"
  | "plain-http"
  | "not-public"
  | "metadata"
  | "unknown-name"
  | "unreachable"
  | "timeout"
  /** The caller gave up. */
  | "aborted"
  /** What came back is not HTTP, or packed in a way that cannot be read. */
  | "bad-answer";

/** `code` is the system's word for a connection that failed, e.g. `ECONNREFUSED`. */
export type EgressFailure = { kind: EgressKind; message: string; retryable: boolean; code?: string };

/** A call that a rule forbids, as opposed to one that was made and failed. */
export const isForbidden = ({ kind }: EgressFailure): boolean =>
  [
    "bad-url",
    "bad-scheme",
    "credentials-in-url",
    "host-not-allowed",
    "port-not-allowed",
    "plain-http",
    "not-public",
    "metadata",
  ].includes(kind);

/** From an error of Node's: of the name service, the connection, TLS or HTTP. `host` is what the caller wrote. */
export const connectionFailure = (error: unknown, host: string): EgressFailure => {
  const code = codeOf(error);
  if (code === "ENOTFOUND" || code === "ENODATA")
    return {
      kind: "unknown-name",
      message: `${host} cannot be reached: its name does not exist.`,
      retryable: true,
      code,
    };
  if (/^(HPE_|Z_|ERR__ERROR_)/.test(code)) {
    const message = `${host} answered, but ${reasons[code] ?? "not in proper HTTP"}.`;
    return { kind: "bad-answer", message, retryable: true, code };
  }
  const hungUp = code === "ECONNRESET" && error instanceof Error && error.message === "socket hang up";
  const reason = hungUp ? "it closed the connection before answering" : (reasons[code] ?? tlsReason(code) ?? code);
  return { kind: "unreachable", message: `${host} cannot be reached: ${reason}.`, retryable: true, code };
};

const reasons: Readonly<Record<string, string>> = {
  ECONNREFUSED: "it refuses connections",
  ECONNRESET: "it broke off the connection",
  ERR_STREAM_PREMATURE_CLOSE: "it broke off the connection",
  EPIPE: "it broke off the connection",
  EAI_AGAIN: "its name cannot be looked up now",
  ETIMEDOUT: "no connection was made in time",
  EHOSTUNREACH: "there is no way to it",
  ENETUNREACH: "there is no way to it",
  HPE_HEADER_OVERFLOW: "its headers are longer than allowed",
  EPROTO: "it does not speak TLS; is it an http address?",
  ERR_SSL_WRONG_VERSION_NUMBER: "it does not speak TLS; is it an http address?",
  ERR_SSL_PACKET_LENGTH_TOO_LONG: "it does not speak TLS; is it an http address?",
  ERR_TLS_CERT_ALTNAME_INVALID: "its certificate is for another name",
  CERT_HAS_EXPIRED: "its certificate has expired",
  CERT_NOT_YET_VALID: "its certificate is not valid yet",
};

/** OpenSSL has some forty words for a certificate nobody vouches for. */
const tlsReason = (code: string): string | undefined =>
  /CERT|SIGNATURE|ISSUER/.test(code) ? "its certificate is not signed by an authority this server trusts" : undefined;

/** Several addresses tried in turn fail as one error that holds theirs. */
const codeOf = (error: unknown): string => {
  if (!(error instanceof Error)) return "unknown error";
  if ("code" in error && typeof error.code === "string" && /^[A-Z][A-Z0-9_]{1,60}$/.test(error.code)) return error.code;
  return error instanceof AggregateError && error.errors.length > 0 ? codeOf(error.errors[0]) : error.name;
};
