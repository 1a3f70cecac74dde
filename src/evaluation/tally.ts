/** What comes out when several models answer the same pictures: agreement, accuracy, time. */
import type { LabelSet } from '../labels/label-set.js';

export interface ModelAnswer {
  /** Classes, the most probable first: five, or as many as there are. */
  readonly ranked: readonly number[];
  readonly ms: number;
  /** The class that the picture shows; undefined if nobody says. */
  readonly truth: number | undefined;
}

interface ModelFigures {
  /** Milliseconds a picture; null if there was none. */
  readonly medianMs: number | null;
  readonly p95Ms: number | null;
  /** Pictures whose class is known. */
  readonly labelled: number;
  /** Shares of those for which it comes first, or is among the first five; null if there are none. */
  readonly top1: number | null;
  readonly top5: number | null;
}

export interface Figures {
  readonly pictures: number;
  /** Pictures for which not all models name the same class. */
  readonly disagreements: number;
  /** In the order of the models. */
  readonly models: readonly ModelFigures[];
  /** Share of the pictures for which two models name the same class, by row and column; null if there were no pictures. */
  readonly agreement: readonly (readonly (number | null)[])[];
}

export interface Tally {
  /** One picture's answers in the order of the models; gives whether all name the same class. */
  readonly add: (answers: readonly ModelAnswer[]) => boolean;
  readonly figures: () => Figures;
}

/** `labels` are those of the models, in their order. */
export function createTally(labels: readonly LabelSet[]): Tally {
  const same = labels.map((one) => labels.map((other) => compareClasses(one, other)));
  const agreeing = labels.map(() => labels.map(() => 0));
  const models = labels.map((): Sums => ({ times: [], labelled: 0, first: 0, amongFive: 0 }));
  let pictures = 0;
  let disagreements = 0;

  function add(answers: readonly ModelAnswer[]): boolean {
    const best = answers.map(({ ranked }) => ranked[0]);
    let agreed = true;
    for (const [i, row] of agreeing.entries()) {
      for (const [j, count] of row.entries()) {
        if (same[i]?.[j]?.(best[i], best[j])) row[j] = count + 1;
        else agreed = false;
      }
    }
    for (const [i, answer] of answers.entries()) record(models[i] as Sums, answer);
    pictures += 1;
    if (!agreed) disagreements += 1;
    return agreed;
  }

  const figures = () => ({
    pictures,
    disagreements,
    models: models.map(({ times, labelled, first, amongFive }) => ({
      medianMs: percentile(times, 0.5),
      p95Ms: percentile(times, 0.95),
      labelled,
      top1: share(first, labelled),
      top5: share(amongFive, labelled),
    })),
    agreement: agreeing.map((row) => row.map((count) => share(count, pictures))),
  });
  return { add, figures };
}

interface Sums {
  readonly times: number[];
  labelled: number;
  first: number;
  amongFive: number;
}

function record(sums: Sums, { ranked, ms, truth }: ModelAnswer): void {
  sums.times.push(ms);
  if (truth === undefined) return;
  sums.labelled += 1;
  if (ranked[0] === truth) sums.first += 1;
  if (ranked.slice(0, 5).includes(truth)) sums.amongFive += 1;
}

type Comparer = (one: number | undefined, other: number | undefined) => boolean;

/** By position where both models have the same classes, else by their English names. */
function compareClasses(one: LabelSet, other: LabelSet): Comparer {
  if (haveSameClasses(one, other)) return (i, j) => i === j;
  const name = ({ classes }: LabelSet, index = -1) => classes[index]?.[1].toLowerCase();
  return (i, j) => name(one, i) === name(other, j);
}

/** Two models can have the same classes from two files. */
export function haveSameClasses(one: LabelSet, other: LabelSet): boolean {
  if (one === other) return true;
  if (one.classes.length !== other.classes.length) return false;
  return one.classes.every(([wnid, en], i) => wnid === other.classes[i]?.[0] && en === other.classes[i]?.[1]);
}

/** Six decimals, as probabilities have. */
const share = (count: number, of: number) => (of === 0 ? null : Math.round((count / of) * 1e6) / 1e6);

/** The smallest value that at least this share of the values does not exceed. */
function percentile(values: readonly number[], at: number): number | null {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.max(0, Math.ceil(sorted.length * at) - 1)] ?? null;
}
