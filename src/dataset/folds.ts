/**
 * Parts a data set so that each part has its share of every class, and pictures that are copies of each other stay together:
 * otherwise a model would be asked what it has seen. The same for the same seed.
 */
import { createRandom } from '../random.js';

/** Pictures that stay together, and how many of each class they are. */
interface Together {
  readonly members: number[];
  readonly counts: Map<number, number>;
}

/**
 * For each picture which of the parts has it, 0 to `folds` - 1. `labels` and `groups` have a number for each picture. Where all
 * pictures of a class are copies of each other they are parted all the same: otherwise no part could be asked about it.
 */
export function assignFolds(labels: Int32Array, groups: Int32Array, folds: number, seed: number): Int32Array {
  const totals = countOf(labels);
  const has = Array.from({ length: folds }, () => new Map<number, number>());
  const sizes = new Int32Array(folds);
  const assigned = new Int32Array(labels.length);
  // The largest first, as what is small fills the gaps.
  const order = together(labels, groups, seed).sort((a, b) => b.members.length - a.members.length);
  for (const { members, counts } of order) {
    const filling = (fold: number) =>
      [...counts].reduce((sum, [label, count]) => {
        const share = (has[fold]?.get(label) ?? 0) / (totals.get(label) as number);
        return sum + share * count;
      }, 0);
    const best = leastOf(folds, (fold) => [filling(fold), sizes[fold] as number]);
    for (const [label, count] of counts) has[best]?.set(label, (has[best]?.get(label) ?? 0) + count);
    (sizes[best] as number) += members.length;
    for (const member of members) assigned[member] = best;
  }
  return assigned;
}

/**
 * Holds out a share of the pictures, of each class as near to that share as whole pictures allow and never all. A class with
 * one picture stays in training.
 */
export function holdOut(
  labels: Int32Array,
  groups: Int32Array,
  share: number,
  seed: number,
): { readonly training: number[]; readonly validation: number[] } {
  const room = quotas(labels, share, seed);
  const isHeldOut = new Uint8Array(labels.length);
  for (const { members, counts } of together(labels, groups, seed)) {
    const fits = [...counts].every(([label, count]) => (room.get(label) as number) >= count);
    if (!fits) continue;
    for (const [label, count] of counts) room.set(label, (room.get(label) as number) - count);
    for (const member of members) isHeldOut[member] = 1;
  }
  const all = Array.from(labels, (_, i) => i);
  return { training: all.filter((i) => isHeldOut[i] === 0), validation: all.filter((i) => isHeldOut[i] === 1) };
}

/** How many of each class are held out: all together the share, and those classes rounded up that are nearest to it. */
function quotas(labels: Int32Array, share: number, seed: number): Map<number, number> {
  const wanted = [...countOf(labels)].map(([label, count]) => {
    const exact = Math.min(count * share, count - 1);
    return { label, least: Math.floor(exact), rest: exact % 1 };
  });
  const least = wanted.reduce((sum, one) => sum + one.least, 0);
  let missing = Math.round(labels.length * share) - least;
  // Drawn by chance where they are alike, so that not the first classes of the alphabet are always the ones.
  const order = createRandom('quotas', seed)
    .shuffled(wanted)
    .sort((a, b) => b.rest - a.rest);
  return new Map(
    order.map(({ label, least, rest }) => {
      const more = rest > 0 && missing > 0 ? 1 : 0;
      missing -= more;
      return [label, least + more];
    }),
  );
}

/** In an order drawn by chance. */
function together(labels: Int32Array, groups: Int32Array, seed: number): Together[] {
  const totals = countOf(labels);
  const byGroup = new Map<number, Together>();
  for (const [i, label] of labels.entries()) {
    const group = groups[i] as number;
    const found = byGroup.get(group) ?? { members: [], counts: new Map<number, number>() };
    byGroup.set(group, found);
    found.members.push(i);
    found.counts.set(label, (found.counts.get(label) ?? 0) + 1);
  }
  const parted = [...byGroup.values()].flatMap((group) => (hasAllOf(group, totals) ? singles(group, labels) : [group]));
  return createRandom('groups', seed).shuffled(parted);
}

/** Whether it has every picture of a class that has several. */
const hasAllOf = ({ counts }: Together, totals: ReadonlyMap<number, number>) =>
  [...counts].some(([label, count]) => count > 1 && count === totals.get(label));

const singles = ({ members }: Together, labels: Int32Array): Together[] =>
  members.map((member) => ({ members: [member], counts: new Map([[labels[member] as number, 1]]) }));

function countOf(labels: Int32Array): Map<number, number> {
  const counts = new Map<number, number>();
  for (const label of labels) counts.set(label, (counts.get(label) ?? 0) + 1);
  return counts;
}

/** The first of so many with the least, compared by one number after another. */
function leastOf(count: number, of: (i: number) => readonly [number, number]): number {
  let best = 0;
  let least = of(0);
  for (let i = 1; i < count; i++) {
    const value = of(i);
    if (value[0] < least[0] || (value[0] === least[0] && value[1] < least[1])) [best, least] = [i, value];
  }
  return best;
}
