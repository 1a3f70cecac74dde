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

/** For each picture which of the parts has it, 0 to `folds` - 1. `labels` and `groups` have a number for each picture. */
export function assignFolds(labels: Int32Array, groups: Int32Array, folds: number, seed: number): Int32Array {
  const totals = countOf(labels);
  const has = Array.from({ length: folds }, () => new Map<number, number>());
  const sizes = new Int32Array(folds);
  const assigned = new Int32Array(labels.length);
  // The largest first, as what is small fills the gaps.
  const order = together(labels, groups, classesOfOneGroup(labels, groups), seed).sort(
    (a, b) => b.members.length - a.members.length,
  );
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
 * one picture stays in training; one whose copies are all more than its share gives the fewest of them, up to a half.
 * `parted` are those of `classesOfOneGroup`, also where these pictures are only some of all.
 */
export function holdOut(
  labels: Int32Array,
  groups: Int32Array,
  share: number,
  seed: number,
  parted: Parted = classesOfOneGroup(labels, groups),
): { readonly training: number[]; readonly validation: number[] } {
  const wanted = quotas(labels, share, seed);
  const isHeldOut = new Uint8Array(labels.length);
  const heldOut = new Map<number, number>();
  const take = ({ members, counts }: Together) => {
    for (const [label, count] of counts) heldOut.set(label, (heldOut.get(label) ?? 0) + count);
    for (const member of members) isHeldOut[member] = 1;
  };
  /** Whether no class then has more held out than this. */
  const isWithin = ({ counts }: Together, most: (label: number) => number) =>
    [...counts].every(([label, count]) => (heldOut.get(label) ?? 0) + count <= most(label));

  const all = together(labels, groups, parted, seed);
  for (const group of all) if (isWithin(group, (label) => wanted.get(label) as number)) take(group);
  const totals = countOf(labels);
  const smallest = all.toSorted((a, b) => a.members.length - b.members.length);
  for (const [label, count] of wanted) {
    if (count === 0 || heldOut.has(label)) continue;
    const group = smallest.find(
      (one) => one.counts.has(label) && isWithin(one, (of) => (totals.get(of) as number) / 2),
    );
    if (group) take(group);
  }
  const positions = [...labels.keys()];
  return {
    training: positions.filter((i) => isHeldOut[i] === 0),
    validation: positions.filter((i) => isHeldOut[i] === 1),
  };
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

/**
 * Classes of several pictures that are all in one group, each with that group. They are parted all the same, since otherwise no
 * part could be asked about them; what is measured of them is too good.
 */
export function classesOfOneGroup(labels: Int32Array, groups: Int32Array): Map<number, number> {
  const found = new Map<number, number>();
  const others = new Set<number>();
  for (const [label, count] of countOf(labels)) if (count === 1) others.add(label);
  for (const [i, label] of labels.entries()) {
    const group = groups[i] as number;
    if ((found.get(label) ?? group) !== group) others.add(label);
    found.set(label, group);
  }
  for (const label of others) found.delete(label);
  return found;
}

/** Classes whose pictures do not stay together. */
type Parted = Pick<ReadonlyMap<number, number>, 'has'>;

/** In an order drawn by chance. */
function together(labels: Int32Array, groups: Int32Array, parted: Parted, seed: number): Together[] {
  const all = new Map<number, Together>();
  for (const [i, label] of labels.entries()) {
    // Groups are called by numbers from 0 on.
    const key = parted.has(label) ? -1 - i : (groups[i] as number);
    const found = all.get(key) ?? { members: [], counts: new Map<number, number>() };
    all.set(key, found);
    found.members.push(i);
    found.counts.set(label, (found.counts.get(label) ?? 0) + 1);
  }
  return createRandom('groups', seed).shuffled(all.values());
}

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
