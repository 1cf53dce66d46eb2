// Random texts that stand for somebody: session ids, API tokens, mailed tokens. They are shown once; only their SHA-256 is stored,
// which is enough for 256 random bits (a slow hash is for what people choose).
import { createHash, randomBytes, randomInt } from "node:crypto";

const secretBytes = 32;
const letters = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
/** 43 letters of 62 are 256 bits. */
const tokenLetters = 43;
/** Tokens start so, for people and for scanners of published secrets. */
const tokenStart = "lw_";
/** How much of a token lists show: enough to recognise it, too little to guess the rest. */
const shownLetters = tokenStart.length + 6;

/** 43 characters of base64url, for a cookie or a link. */
export const newSecret = (): string => randomBytes(secretBytes).toString("base64url");

/** `lw_…`, for a script. */
export const newApiToken = (): string =>
  tokenStart + Array.from({ length: tokenLetters }, () => letters[randomInt(letters.length)]).join("");

export const isApiToken = (text: string): boolean => /^lw_[0-9A-Za-z]{40,100}$/.test(text);

export const shownPrefix = (token: string): string => token.slice(0, shownLetters);

/** What is stored and searched by. */
export const secretHash = (secret: string): string => createHash("sha256").update(secret).digest("hex");
