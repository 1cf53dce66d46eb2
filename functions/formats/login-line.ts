// Formats: what one line of sshd or PAM says about signing in. Shared by the files that read such lines and the one that counts them.

export type LoginLine = {
  /**
   * Who says so. Different witnesses of one connection speak of the same attempts: `sshd` counts what was tried, `connection` says
   * at most once that it failed as a whole, `sshd-pam` and the PAM modules (`pam_unix`, …) count once more what sshd counts.
   */
  witness: string;
  /** Failed attempts that the line stands for; 0 for a line about a success or about something else. */
  failures: number;
  isSuccess?: boolean;
  /** What the line is about, where it is neither a failure nor a success. */
  action?: string;
  reason?: string;
  method?: string;
  user?: string;
  address?: string;
  port?: number;
};
