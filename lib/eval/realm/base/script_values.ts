/** Values of a script that are about to be read: what they are is for the script to say. */

/**
 * The members of a script's list in a list of our own, read by index: its own `map`, its iterator and
 * the species of its `constructor` are not asked.
 */
export function copyOf(list: ArrayLike<unknown>): unknown[] {
  const members: unknown[] = [];
  for (let at = 0; at < list.length; at++) members.push(list[at]);
  return members;
}

/** The members of a script's Set, whatever its own `forEach` and iterator are. */
export function membersOf(set: ReadonlySet<unknown>): unknown[] {
  const members: unknown[] = [];
  Reflect.apply(Set.prototype.forEach, set, [(member: unknown) => members.push(member)]);
  return members;
}

/** The entries of a script's Map, in the same way. */
export function entriesOf(map: ReadonlyMap<unknown, unknown>): [unknown, unknown][] {
  const entries: [unknown, unknown][] = [];
  const add = (member: unknown, key: unknown) => entries.push([key, member]);
  Reflect.apply(Map.prototype.forEach, map, [add]);
  return entries;
}
