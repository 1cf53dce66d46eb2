// Rule preview: the first items of a list that may be endless, and how many there were. Pure.

export type Bounded<Item> = { total: number; listed: Item[] };

/** Lists items until there are `maxItems`, or until the JSON of all of them, as they were added, is longer than `maxLength`. */
export const openBoundedList = <Item>(maxItems: number, maxLength: number) => {
  const listed: Item[] = [];
  let total = 0;
  let room = maxLength;
  return {
    add: (item: Item): void => {
      total += 1;
      if (listed.length >= maxItems || room <= 0) return;
      const length = JSON.stringify(item).length;
      // Once one does not fit, none after it is listed: the list holds the first ones, without holes.
      room = length <= room ? room - length : 0;
      if (room > 0) listed.push(item);
    },
    read: (): Bounded<Item> => ({ total, listed }),
  };
};
