/** A list in groups of so many, of which all but the last one stay the same while the list grows. */
export type Groups<Item> = readonly (readonly Item[])[];

export const GROUP = 32;

/** The list with more at its end. What is added to a list of any length copies one group. */
export function append<Item>(groups: Groups<Item>, items: readonly Item[]): Groups<Item> {
  if (items.length === 0) return groups;
  const last = groups.at(-1) ?? [];
  const whole = last.length < GROUP ? groups.slice(0, -1) : [...groups];
  const rest = last.length < GROUP ? [...last, ...items] : items;
  for (let start = 0; start < rest.length; start += GROUP) whole.push(rest.slice(start, start + GROUP));
  return whole;
}

export const countOf = (groups: Groups<unknown>): number =>
  groups.length === 0 ? 0 : (groups.length - 1) * GROUP + (groups.at(-1)?.length ?? 0);

export const itemAt = <Item>(groups: Groups<Item>, index: number): Item | undefined =>
  groups[Math.floor(index / GROUP)]?.[index % GROUP];

/** The list with something else in the places that `change` names; other groups stay the same. */
export function changed<Item>(groups: Groups<Item>, change: (item: Item) => Item): Groups<Item> {
  return groups.map((group) => {
    const next = group.map(change);
    return next.some((item, index) => item !== group[index]) ? next : group;
  });
}
