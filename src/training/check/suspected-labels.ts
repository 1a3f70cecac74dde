/**
 * Labels that are probably wrong: a head that did not see the picture, and the pictures that are most like it, say that it shows
 * something else. As in confident learning (Northcutt and others, 2021), but by odds, which are those of the head times those of
 * the neighbours: what third classes are given says nothing about the two, and where classes are hard to tell apart either alone
 * raises more false alarms (`npm run prove -- labels`).
 */
import type { Finding } from './finding.js';
import { NEIGHBOURS, type Neighbours, NOBODY } from './neighbours.js';
import { counted } from './words.js';

/** How many times as probable as the given label another one has to be. */
const LEAST_ODDS = 6;
/** Of all pictures. Where more contradict their labels, classes are hard to tell apart, and only the most striking are worth a look. */
const MOST_SHARE = 0.08;
/** What a class is given beside its neighbours, so that a few do not rule the others out (Krichevsky and Trofimov, 1981). */
const PRIOR = 0.5;

export interface SuspectedLabel {
  /** Position of the picture. */
  readonly picture: number;
  /** The class that it is more likely to show, by position. */
  readonly suggested: number;
  /** How many times as probable. */
  readonly odds: number;
}

export interface Opinions {
  /** `pictures × classes`, cross-validated: each row from a head that saw neither the picture nor its copies. */
  readonly probabilities: Float32Array;
  readonly neighbours: Pick<Neighbours, 'positions' | 'sample'>;
}

/** The most striking first. */
export function suspectedLabels(
  { probabilities, neighbours }: Opinions,
  labels: Int32Array,
  classes: number,
): SuspectedLabel[] {
  const candidates = new Int32Array(classes);
  for (const picture of neighbours.sample) (candidates[labels[picture] as number] as number) += 1;
  const row = new Float64Array(classes);
  return Array.from(labels, (label, picture) => {
    row.fill(PRIOR);
    // Where few of its own class could be among them, that they are of others says nothing.
    if ((candidates[label] as number) > NEIGHBOURS)
      for (const neighbour of neighbours.positions.subarray(picture * NEIGHBOURS, (picture + 1) * NEIGHBOURS))
        if (neighbour !== NOBODY) (row[labels[neighbour] as number] as number) += 1;
    // What is rounded to 0 is as improbable as a float can tell.
    for (let i = 0; i < classes; i++)
      (row[i] as number) *= Math.max(probabilities[picture * classes + i] as number, Number.EPSILON);
    const suggested = bestBut(row, label);
    return { picture, suggested, odds: (row[suggested] as number) / (row[label] as number) };
  })
    .filter(({ odds }) => odds >= LEAST_ODDS)
    .sort((a, b) => b.odds - a.odds || a.picture - b.picture)
    .slice(0, Math.ceil(labels.length * MOST_SHARE));
}

function bestBut(row: Float64Array, label: number): number {
  let best = label === 0 ? 1 : 0;
  for (let i = 0; i < row.length; i++) if (i !== label && (row[i] as number) > (row[best] as number)) best = i;
  return best;
}

/** A finding for each pair of what is given and what is suggested. */
export function labelFindings(
  suspected: readonly SuspectedLabel[],
  nameOf: (picture: number) => string,
  labelOf: (picture: number) => string,
  classLabel: (position: number) => string,
): Finding[] {
  const pairs = new Map<string, { given: string; suggested: string; pictures: string[] }>();
  for (const { picture, suggested: position } of suspected) {
    const [given, suggested] = [labelOf(picture), classLabel(position)];
    const key = JSON.stringify([given, suggested]);
    const pair = pairs.get(key) ?? { given, suggested, pictures: [] };
    pairs.set(key, pair);
    pair.pictures.push(nameOf(picture));
  }
  return [...pairs.values()].map(({ given, suggested, pictures }) => {
    const many = pictures.length > 1;
    return {
      ...{ kind: 'suspected-label', pictures, classes: [given, suggested] },
      message: `${counted(pictures.length, 'picture')} labelled ${given} ${many ? 'look' : 'looks'} like ${suggested} to a model that was trained without ${many ? 'them' : 'it'}. Look at ${many ? 'them' : 'it'}, and correct the label if it is wrong.`,
      messageZh: `有 ${pictures.length} 张标为“${given}”的图片，在未用它们训练的模型看来更像“${suggested}”。请查看，如果标签有误请更正。`,
    };
  });
}
