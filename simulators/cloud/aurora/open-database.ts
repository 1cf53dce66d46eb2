// The database of a stand-in, opened as on AWS: the Data API's client, with names that the stand-in does not look at.
import { openDataApi } from "../../../functions/storage/data-api.ts";
import type { Db } from "../../../functions/storage/db.ts";
import type { RetryLimits } from "../../../functions/storage/retry-call.ts";

/** `url`: where the stand-in listens. */
export const openDatabaseAt = (url: string, retry?: RetryLimits): Db =>
  openDataApi({
    region: "us-east-1",
    resourceArn: "arn:aws:rds:us-east-1:123456789012:cluster:logwatch",
    secretArn: "arn:aws:secretsmanager:us-east-1:123456789012:secret:logwatch",
    database: "logwatch",
    endpoint: url,
    retry,
  });
