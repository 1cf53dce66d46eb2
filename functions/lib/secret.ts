// Secrets at rest: sealed with AES-256-GCM under one key, so that a stolen database alone tells nothing. Versioned text, safe in a text column.
import { createCipheriv, createDecipheriv, randomBytes } from "node:crypto";

const version = "v1";
/** GCM's own length for nonces, and its full tag. */
const nonceBytes = 12;
const tagBytes = 16;

/** `v1.nonce.ciphertext.tag`, each in base64url. `key`: 32 bytes in base64. */
export const seal = (plain: string, key: string): string => {
  const nonce = randomBytes(nonceBytes);
  const cipher = createCipheriv("aes-256-gcm", keyBytes(key), nonce, { authTagLength: tagBytes });
  cipher.setAAD(Buffer.from(version));
  const text = Buffer.concat([cipher.update(plain, "utf8"), cipher.final()]);
  return [version, ...[nonce, text, cipher.getAuthTag()].map((part) => part.toString("base64url"))].join(".");
};

/** @throws when the text was changed, was sealed under another key, or was never sealed. Errors name neither key nor content. */
export const open = (sealed: string, key: string): string => {
  const [label, nonce, text, tag, ...rest] = sealed.split(".");
  if (label !== version || nonce === undefined || text === undefined || tag === undefined || rest.length > 0) {
    throw new Error("This is not a sealed secret.");
  }
  const iv = Buffer.from(nonce, "base64url");
  const authTag = Buffer.from(tag, "base64url");
  if (iv.length !== nonceBytes || authTag.length !== tagBytes) throw new Error("This is not a sealed secret.");
  const decipher = createDecipheriv("aes-256-gcm", keyBytes(key), iv, { authTagLength: tagBytes });
  decipher.setAAD(Buffer.from(version));
  decipher.setAuthTag(authTag);
  try {
    return decipher.update(Buffer.from(text, "base64url"), undefined, "utf8") + decipher.final("utf8");
  } catch (cause) {
    throw new Error("A secret does not open: it was changed, or sealed under another key.", { cause });
  }
};

const keyBytes = (key: string): Buffer => {
  const bytes = Buffer.from(key, "base64");
  if (bytes.length !== 32) throw new Error("The key for secrets must be 32 bytes in base64.");
  return bytes;
};
