// Formats: how much of a message is searched for what it says. What sshd, PAM and BIND write ends within 1 to 2 KB; without a limit, a
// line of a megabyte made up by somebody would cost as much as thousands of others.
export const maxSearched = 4096;
