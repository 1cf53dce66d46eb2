// The newest result of a job.
import * as z from "zod";
import { id } from "./id.ts";
import { shownResult } from "./result.ts";

export const snapshot = z.object({
  jobId: id,
  result: shownResult.nullable().meta({ description: "Null: the job has no answer yet." }),
});
