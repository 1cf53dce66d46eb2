// Errors of the Data API: the type the SDK makes an exception of, its status and its message.

export type RefusalType =
  | "BadRequestException"
  | "DatabaseErrorException"
  | "TransactionNotFoundException"
  | "NotFoundException"
  | "StatementTimeoutException"
  | "ServiceUnavailableError"
  | "ThrottlingException"
  | "InternalServerErrorException";

export type Refusal = Error & { refusal: RefusalType };

const statuses: Record<RefusalType, number> = {
  BadRequestException: 400,
  DatabaseErrorException: 400,
  TransactionNotFoundException: 404,
  NotFoundException: 404,
  StatementTimeoutException: 400,
  ServiceUnavailableError: 503,
  ThrottlingException: 429,
  InternalServerErrorException: 500,
};

/** An error that reaches the client under this type. */
export const refuse = (refusal: RefusalType, message: string, cause?: unknown): Refusal =>
  Object.assign(new Error(message, { cause }), { refusal });

/** What the database itself refuses: MySQL's error number and words, as the Data API writes them into one text. */
export const refuseSql = (code: number, words: string, cause?: unknown): Refusal =>
  refuse("DatabaseErrorException", `Database error code: ${code}. Message: ${words}`, cause);

export const isRefusal = (error: unknown): error is Refusal => error instanceof Error && "refusal" in error;

export const statusOf = (refusal: RefusalType): number => statuses[refusal];
