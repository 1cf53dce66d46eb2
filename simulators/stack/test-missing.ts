// For tests: what is another's must not be told from what is not there, neither by the answer nor by the work behind it.
import type { TestApi, TestResponse } from "./test-api.ts";

/** An id of the right form that nothing has. */
export const missingId = "01HZY00000000000000MISSING";

/** What an answer says, whichever request it was. */
export const textOf = ({ text }: TestResponse): string => text.replace(/urn:logwatch:request:\w+/, "");

/** What whoever asks sees of one object: status, text, and how many calls of the database it took. */
export const traceOf = async (api: TestApi, ask: () => Promise<TestResponse>) => {
  const before = api.calls.made;
  const answered = await ask();
  return { status: answered.status, text: textOf(answered), calls: api.calls.made - before };
};
