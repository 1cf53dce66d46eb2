// A life that ends: every call to the outside passes through it, before and after, and at the n-th passing the life is over.
// From then on nothing it awaits comes back and nothing it starts has an effect: what `kill -9` does, at any await, in one process.

export type Mortal = {
  /** Does the work, unless the life is over before; never resolves when it ends on the way. */
  pass: <Value>(work: () => Promise<Value>) => Promise<Value>;
  /** The same port, all of whose functions pass. */
  port: <Port extends object>(port: Port) => Port;
  /** Resolves when the life is over. */
  died: Promise<void>;
  isOver: () => boolean;
  /** Passings so far: how long a life could be. */
  passed: () => number;
};

/** `endAt`: the passing that is the last; Infinity for a life that does not end. */
export const mortal = (endAt: number): Mortal => {
  let passed = 0;
  let die = (): void => undefined;
  const died = new Promise<void>((resolve) => {
    die = resolve;
  });
  const never = new Promise<never>(() => undefined);
  const breathe = (): boolean => {
    passed += 1;
    if (passed >= endAt) die();
    return passed < endAt;
  };
  const pass: Mortal["pass"] = async (work) => {
    if (!breathe()) return never;
    let value: Awaited<ReturnType<typeof work>>;
    try {
      value = await work();
    } catch (error) {
      if (!breathe()) return never;
      throw error;
    }
    return breathe() ? value : never;
  };
  return {
    pass,
    port: (port) =>
      new Proxy(port, {
        get: (target, name) => {
          const member: unknown = Reflect.get(target, name);
          if (typeof member !== "function") return member;
          return (...args: unknown[]) => pass(async () => member.apply(target, args));
        },
      }),
    died,
    isOver: () => passed >= endAt,
    passed: () => passed,
  };
};
