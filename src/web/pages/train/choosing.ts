/** Which of several are chosen. */

export function toggled(chosen: ReadonlySet<string>, id: string | undefined): ReadonlySet<string> {
  if (id === undefined) return chosen;
  const next = new Set(chosen);
  if (!next.delete(id)) next.add(id);
  return next;
}

/** With all between one, or else the first, and a position. */
export function rangeOf(
  ids: readonly string[],
  chosen: ReadonlySet<string>,
  one: string | undefined,
  to: number,
): ReadonlySet<string> {
  const from = one === undefined ? 0 : Math.max(0, ids.indexOf(one));
  return new Set([...chosen, ...ids.slice(Math.min(from, to), Math.max(from, to) + 1)]);
}

/** Without those that are no longer there. */
export function stillThere(chosen: ReadonlySet<string>, ids: readonly string[]): ReadonlySet<string> {
  const there = ids.filter((id) => chosen.has(id));
  return there.length === chosen.size ? chosen : new Set(there);
}
