// Passwords: what is taken as one, and comparing. bcrypt reads 72 bytes and no more, so longer ones are refused, never cut; NFC first,
// so that a password typed on another keyboard is the same. bcryptjs is loaded by the first that hashes, not at start.
import { createGate } from "../lib/gate.ts";
import { isGuessable } from "./passwords-guess.ts";

/** NIST 800-63B-4 for a password that is the only factor. */
const minPasswordCharacters = 15;
const maxBytes = 72;
const cost = 12;
/** Of nothing: it is compared with when there is no such account, so that the answer takes as long. */
const nobodysHash = "$2b$12$K9poGk64Qcg7w2lRyBPD4eJfUjncAPuhd7Trwix.NOTD/2oXMHOm.";

/** Hashes at once in a process, and how many may wait: each is a quarter of a second of a core. */
const gate = createGate({ most: 2, waiting: 20 });

/** Why a text is no password, in words; undefined when it is one. `about`: the account's address and name, which are guessed first. */
export const passwordProblem = async (password: string, about: readonly string[]): Promise<string | undefined> => {
  const wrong = formProblem(password);
  if (wrong !== undefined) return wrong;
  return (await isGuessable(password.normalize("NFC"), about))
    ? "is too easy to guess: it is a common password, a pattern, your name or address, or made of a few of those"
    : undefined;
};

/** What no password may be, whatever it says. */
const formProblem = (password: string): string | undefined => {
  if (password.length > maxBytes) return tooLong;
  const text = password.normalize("NFC");
  if (text.includes("\u0000")) return "must not contain the character NUL";
  if (!isWellFormed(text)) return "must be well-formed Unicode";
  if ([...text].length < minPasswordCharacters) return `must have at least ${minPasswordCharacters} characters`;
  return Buffer.byteLength(text) > maxBytes ? tooLong : undefined;
};

const tooLong = `must have at most ${maxBytes} bytes (letters beyond ASCII take 2 to 4)`;

const isWellFormed = (text: string): boolean => !/\p{Surrogate}/u.test(text);

/** Of a password without a problem. `busy`: too many are being hashed. */
export const hashPassword = async (password: string): Promise<string | "busy"> =>
  gate(async () => (await import("bcryptjs")).hash(password.normalize("NFC"), cost));

/** `hash` is undefined where there is no such account; that takes as long as a wrong password. */
export const verifyPassword = async (
  password: string,
  hash: string | undefined,
): Promise<"right" | "wrong" | "busy"> => {
  const isPossible = formProblem(password) === undefined;
  const text = isPossible ? password.normalize("NFC") : "";
  const matches = await gate(async () => (await import("bcryptjs")).compare(text, hash ?? nobodysHash));
  if (matches === "busy") return "busy";
  return matches && isPossible && hash !== undefined ? "right" : "wrong";
};
