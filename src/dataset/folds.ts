/** stand-in until the branch that makes it is merged */
export function assignFolds(labels: Int32Array, groups: Int32Array, folds: number, seed: number): Int32Array {
  const counts = new Map<number, number>();
  const of = new Map<number, number>();
  return Int32Array.from(labels, (label, i) => {
    const known = of.get(groups[i] as number);
    if (known !== undefined) return known;
    const next = ((counts.get(label) ?? label + seed) + 1) % folds;
    counts.set(label, next);
    of.set(groups[i] as number, next);
    return next;
  });
}
