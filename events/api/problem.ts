// What an error looks like, every error of the API: problem+json of RFC 9457.
import * as z from "zod";

/** One wrong thing of the input: where it stands and the rule it breaks. */
export const inputError = z.object({
  path: z.string().meta({ description: "`body.rules.0.hold`, `query.limit`, `header.if-match`." }),
  rule: z.string().meta({ description: "What must hold there." }),
});
export type InputError = z.infer<typeof inputError>;

export const problem = z
  .object({
    type: z.string().meta({ description: "Names the kind of problem: `urn:logwatch:problem:<kind>`." }),
    title: z.string().meta({ description: "The kind in words." }),
    status: z.number().int().meta({ description: "The HTTP status." }),
    detail: z.string().meta({ description: "What is wrong here, and the way out." }),
    instance: z.string().meta({ description: "`urn:logwatch:request:<id>`: the same id stands in our log." }),
    errors: z.array(inputError).optional().meta({ description: "For input: one entry a field." }),
    current: z.unknown().optional().meta({ description: "With 412: the newer state." }),
  })
  .meta({ description: "RFC 9457" });
export type Problem = z.infer<typeof problem>;
