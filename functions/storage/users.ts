// Who may sign in. The first account of an empty instance is its admin; an instance never loses its last active one.

export type InstanceRole = "user" | "admin";
export type User = {
  /** ULID. */
  id: string;
  /** Trimmed and in lower case; no two accounts share one. */
  email: string;
  name: string;
  role: InstanceRole;
  state: "active" | "disabled";
  createdAt: number;
  updatedAt: number;
  version: number;
};
export type NewUser = {
  id: string;
  email: string;
  name: string;
  passwordHash: string;
  at: number;
  /** Only when there is no account yet. */
  onlyFirst?: boolean;
};
export type UserChange = Partial<Pick<User, "name" | "role" | "state"> & { passwordHash: string }>;
/** `stale`: it is gone or was changed meanwhile. `last-admin`: nobody could administer the instance any more. */
export type UserChanged = "done" | "stale" | "last-admin";

/** What an account takes along. `others`: members of the service beside the user. */
export type Leaving = {
  sources: number;
  jobs: number;
  destinations: number;
  /** Services the user made, or that read the user's sources. */
  services: { id: string; name: string; others: number }[];
  /** Services of somebody else that nobody but the user owns: they need another owner first. */
  toHandOver: { id: string; name: string }[];
};

export type UserStore = {
  /** Undefined when the address is taken. Of several at once on an empty instance one becomes admin. */
  create: (user: NewUser) => Promise<User | undefined>;
  find: (id: string) => Promise<User | undefined>;
  /** With what sign-in compares. `email` in any case. */
  findByEmail: (email: string) => Promise<(User & { passwordHash: string }) | undefined>;
  /** The hash alone, for asking somebody signed in for the password again. */
  passwordHash: (id: string) => Promise<string | undefined>;
  /** In order of id, which is the order of creation. */
  list: (page: { after?: string | undefined; limit: number }) => Promise<User[]>;
  /**
   * A new password, role or state ends every session of the user, and a mailed reset, in the same transaction; it answers when no
   * process takes them any more. API tokens stay: they follow the role, and a disabled user's are refused. The jobs of a user who is
   * disabled are turned off; of one who is no admin any more, those on services that only admins see.
   */
  update: (id: string, version: number, change: UserChange, at: number) => Promise<UserChanged>;
  /** At most 1,000 services of each kind. */
  leaving: (id: string) => Promise<Leaving>;
  /** Takes everything of the user along, as `leaving` says. */
  remove: (id: string, version: number) => Promise<UserChanged>;
};

/** As addresses are stored and compared. */
export const plainEmail = (email: string): string => email.trim().toLowerCase();
