// Bounded batches, one kind of rows after the other: each stops when nothing is left, or after so many; the next hour goes on.

/** Takes some rows away and says how many. */
export type Batch = () => Promise<number>;

/** How many rows went. */
export const inBatches = async (kinds: readonly Batch[], maxBatches: number): Promise<number> => {
  let total = 0;
  for (const takeSome of kinds) {
    for (let batch = 0, rows = 1; rows > 0 && batch < maxBatches; batch += 1) {
      rows = await takeSome();
      total += rows;
    }
  }
  return total;
};
