// The lease of claims at a stack's first tick. One stack uses a folder, so whoever made the claims it finds is dead, and they are
// taken over at once: those of the future too, which a clock that was set back (by a day at most) leaves behind.
export const firstLeaseMs = -86_400_000;
