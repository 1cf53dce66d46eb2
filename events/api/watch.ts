// Everything of a user as one watch file, and such a file applied.
import * as z from "zod";
import { confirmationRequest } from "./destination.ts";

/** Of a file that is applied through the API: 256 KiB of ASCII. */
export const maxFileChars = 262_144;
const maxVariables = 500;

const variables = z
  .record(z.string().regex(/^[A-Za-z_][A-Za-z0-9_]{0,199}$/, "must be the name of a variable"), z.string().max(10_000))
  .refine((value) => Object.keys(value).length <= maxVariables, `must not be more than ${maxVariables}`);

export const watchInput = z.strictObject({
  file: z.string().max(maxFileChars).meta({ description: "YAML, as `GET /watch` gives it." }),
  dryRun: z.boolean().default(true).meta({ description: "True: only shows what would change. False: changes it." }),
  variables: variables.default({}).meta({
    description:
      // biome-ignore lint/suspicious/noTemplateCurlyInString: it is how a file names a variable.
      "Values for `${NAME}` in the file: its secrets. One that is not given leaves the stored secret as it is; one that the file does not have is refused.",
  }),
});

const difference = z.object({
  change: z.enum(["added", "changed", "removed"]),
  kind: z.enum(["source", "service", "destination", "job", "rule"]),
  id: z.string().nullable().meta({ description: "Null: it is new." }),
  name: z.string(),
  job: z.string().nullable().meta({ description: "Name of the job whose rule it is." }),
  fields: z
    .array(
      z.object({
        field: z.string().meta({ description: "As the file calls it: `every`, `params.limit`." }),
        secret: z.boolean().meta({ description: "True: that it differs is told, and never what it is." }),
        before: z.unknown().optional(),
        after: z.unknown().optional(),
      }),
    )
    .meta({ description: "Of what changed." }),
  words: z.string(),
});
export type DifferenceView = z.output<typeof difference>;

export const watchOutcome = z.object({
  differences: z.array(difference),
  applied: z.boolean().meta({ description: "True: what is stored is now as the file says." }),
  asked: z
    .array(confirmationRequest.extend({ destinationId: z.string(), name: z.string() }))
    .meta({ description: "Who was asked to agree to be told at new or changed destinations." }),
});
