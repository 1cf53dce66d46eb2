// What a log of sign-ins looks like: the parameters that the analyses of failed logins share.
import { anyCase, failureWords, fieldParam, filterParam } from "./params.ts";

const failures = `${failureWords} OR ${anyCase(["failed_login", "login_failed"])}`;

export const failedLoginFilter = () =>
  filterParam(`event_type:authentication_attempt AND status:(${failures})`, {
    title: "Failed logins",
    description: "Which logs are failed sign-ins, in the source's query language.",
  });

export const loginFilter = () =>
  filterParam("event_type:authentication_attempt OR event.category:authentication", {
    title: "All logins",
    description: "Which logs are sign-ins, failed or not: the measurement `logins`, by which silence is noticed.",
  });

export const userField = () =>
  fieldParam("username", { title: "User field", description: "Field that holds who tried to sign in." });

export const userAddressField = () =>
  fieldParam("source_ip", { title: "Address field", description: "Field that holds the address they came from." });

export const reasonField = () =>
  fieldParam("failure_reason", { title: "Reason field", description: "Field that holds why it failed." });
