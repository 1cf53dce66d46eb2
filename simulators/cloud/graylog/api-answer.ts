// Answers of the stand-in's API, and refusals in Graylog's own words. A handler ends early by throwing a refusal; the
// dispatcher is the one place that catches it.

/** `type` null: no content type and no body. */
export type ApiAnswer = { status: number; type: string | null; body: string; headers?: Record<string, string> };

export const json = (body: unknown, status = 200): ApiAnswer => ({
  status,
  type: "application/json",
  body: JSON.stringify(body),
});
export const empty = (status: number): ApiAnswer => ({ status, type: null, body: "" });

/** @throws always: what the dispatcher answers with. */
export const refuse = (answer: ApiAnswer): never => {
  throw Object.assign(new Error(`refused with ${answer.status}`), { answer });
};
export const isRefusal = (error: unknown): error is Error & { answer: ApiAnswer } =>
  error instanceof Error && "answer" in error;

export const apiError = (status: number, message: string): never => refuse(json({ type: "ApiError", message }, status));

/** JSON that cannot be mapped; `needle` is where in the body the reader stumbled. */
export const requestError = (message: string, path: string, body = "", needle = ""): never => {
  const at = needle === "" ? -1 : body.indexOf(needle);
  const line = at < 0 ? -1 : body.slice(0, at).split("\n").length;
  const column = at < 0 ? -1 : at - body.lastIndexOf("\n", at);
  const place = at < 0 ? "" : ` [${line}, ${column}]`;
  const text = path === "" || message.startsWith("Unable") ? message : `Error at "${path}"${place}: ${message}`;
  return refuse(json({ type: "RequestError", message: text, line, column, path, reference_path: path }, 400));
};

export const notEmpty = (path: string, invalid: string | null): never =>
  refuse(
    json(
      [
        {
          message: "must not be empty",
          message_template: "{jakarta.validation.constraints.NotEmpty.message}",
          path,
          invalid_value: invalid,
        },
      ],
      400,
    ),
  );

/** What the log store says of a query; the Scripting API, the universal search and the views each wrap it otherwise. */
export const searchProblem = (description: string, windowLimit = false): never => {
  throw Object.assign(new Error(description), { searchProblem: { description, windowLimit } });
};
export const isSearchProblem = (
  error: unknown,
): error is Error & { searchProblem: { description: string; windowLimit: boolean } } =>
  error instanceof Error && "searchProblem" in error;

export const openSearchError = (type: string, reason: string): string =>
  `OpenSearch exception [type=${type}, reason=${reason}].`;
export const allShardsFailed = openSearchError("search_phase_execution_exception", "all shards failed");
export const windowTooLarge =
  "Result window is too large, [from + size] must be less than or equal to: [10000]. This limit can be set by changing the [index.max_result_window] index level setting, but it is recommended to use more advanced methods in order to get distant chunks of results (i.e. scroll or search after)";
export const maxResultWindow = 10_000;
