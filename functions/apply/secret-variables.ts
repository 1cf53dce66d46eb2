// Apply step: the variables that stand for secrets in a watch file that was written from what is stored. Pure.
import { slug } from "./watch-ids.ts";

/** Kinds of things that have secrets. */
export type SecretKind = "sources" | "destinations";

/** `SOURCE_CENTRAL_PASSWORD`: the variable of one secret field. */
export const secretVariable = (kind: SecretKind, name: string, field: string): string => {
  const words = [kind === "sources" ? "source" : "destination", slug(name), field.replace(/([A-Z])/g, "_$1")];
  return words
    .join("_")
    .toUpperCase()
    .replace(/[^A-Z0-9]/g, "_");
};

const reference = /\$(\$)?\{([A-Za-z_][A-Za-z0-9_]*)(?::-([^}]*))?\}/g;

/** The name of a text that is one reference without a default, and nothing else. */
export const soleReference = (text: string): string | undefined => /^\$\{([A-Za-z_][A-Za-z0-9_]*)\}$/.exec(text)?.[1];

/** `${NAME}` and `${NAME:-default}` replaced by what `fill` says; `$${NAME}` stands for the text `${NAME}` itself. */
export const fillReferences = (text: string, fill: (name: string, fallback: string | undefined) => string): string =>
  text.replace(reference, (whole, isText: string | undefined, name: string, fallback: string | undefined) =>
    isText === undefined ? fill(name, fallback) : whole.slice(1),
  );

/** Names of the variables that a text refers to. */
export const variablesIn = (text: string): ReadonlySet<string> => {
  const names = new Set<string>();
  fillReferences(text, (name) => {
    names.add(name);
    return "";
  });
  return names;
};

/** The text as a watch file writes it, so that reading gives it back whatever variables there are. */
export const escapeReferences = (text: string): string =>
  text.replace(/\$\{[A-Za-z_][A-Za-z0-9_]*(?::-[^}]*)?\}/g, (whole) => `$${whole}`);
