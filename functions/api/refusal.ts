// How a route says no: a value with a status, a kind and a sentence; turned into problem+json (RFC 9457) in one place.
import type { InputError, Problem } from "@logwatch/events/api";

export type Refusal = {
  ok: false;
  status: number;
  /** Names the kind of problem; `type` of the answer is `urn:logwatch:problem:<kind>`. */
  kind: string;
  /** What is wrong here, and the way out. Never a stack, SQL, a host of ours or a secret. */
  detail: string;
  errors?: InputError[];
  /** With 412: the newer state, as the route's answer would be. */
  current?: unknown;
  headers?: Readonly<Record<string, string>>;
};

/** A refusal of any kind; those that several routes share are below. */
export const refuse = (
  status: number,
  kind: string,
  detail: string,
  more: Pick<Refusal, "errors" | "current" | "headers"> = {},
): Refusal => ({ ok: false, status, kind, detail, ...more });

/** The same answer for what is missing and for what is not yours. */
export const notFound = (): Refusal => refuse(404, "not-found", "There is nothing here, or nothing that you may see.");

/** Well-formed, and still not possible: one entry a field. */
export const unprocessable = (errors: InputError[]): Refusal =>
  refuse(422, "not-possible", "The input is well-formed, but cannot be used as it is.", { errors });

/** What the operator declares is changed where it is declared. */
export const managedByFile = (): Refusal =>
  refuse(409, "managed-by-file", "This comes from the instance's watch file. Change it there, and apply the file.");

/** Files name things by it, so of one owner no two of a kind share a name. */
export const nameTaken = (what: "source" | "service" | "destination"): Refusal =>
  refuse(409, "name-taken", `There is a ${what} of this name already. Choose another one.`, {
    errors: [{ path: "body.name", rule: `must differ from the names of the owner's other ${what}s` }],
  });

const titles: Record<number, string> = {
  400: "The request is not right",
  401: "Not signed in",
  403: "Not allowed",
  404: "Not found",
  405: "Not possible here",
  409: "In conflict with what is there",
  412: "Changed by somebody else meanwhile",
  413: "Too large",
  415: "Not JSON",
  422: "Cannot be used",
  424: "The other side failed",
  428: "Say which version you change",
  429: "Too many requests",
  500: "A fault of ours",
  503: "Not available right now",
};

/** As it goes out. */
export const toProblem = ({ status, kind, detail, errors, current }: Refusal, requestId: string): Problem => ({
  type: `urn:logwatch:problem:${kind}`,
  title: titles[status] ?? "Problem",
  status,
  detail,
  instance: `urn:logwatch:request:${requestId}`,
  ...(errors ? { errors } : {}),
  ...(current === undefined ? {} : { current }),
});
