/** Which of several are chosen. */

export function toggled(chosen: ReadonlySet<string>, id: string | undefined): ReadonlySet<string> {
  if (id === undefined) return chosen;
  const next = new Set(chosen);
  if (!next.delete(id)) next.add(id);
  return next;
}

/** With all between two positions. */
export const rangeOf = (
  ids: readonly string[],
  chosen: ReadonlySet<string>,
  from: number,
  to: number,
): ReadonlySet<string> => new Set([...chosen, ...ids.slice(Math.min(from, to), Math.max(from, to) + 1)]);

/** Without those that are no longer there. */
export function stillThere(chosen: ReadonlySet<string>, ids: readonly string[]): ReadonlySet<string> {
  const there = ids.filter((id) => chosen.has(id));
  return there.length === chosen.size ? chosen : new Set(there);
}
