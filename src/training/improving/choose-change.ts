/** How far a layer may leave the present one: as far as pictures that were not shown to it gain by that, and no farther. */
import { interpret } from '../../classification/classification.js';
import { isRight, lossOf, type Outcome, outcomeOf } from '../../evaluation/outcome.js';
import { mcNemar } from '../../evaluation/paired.js';
import type { LabelSet } from '../../labels/label-set.js';
import type { Embeddings } from '../embeddings/embeddings.js';
import type { LinearHead } from '../head/linear-head.js';
import { logitsOf } from '../head/softmax-loss.js';
import { bestOfEach } from '../head/temperature.js';
import { type CorrectedRows, createLayerCorrector, withRows } from './layer-corrector.js';

export interface ChooseOptions {
  /** What was corrected comes first, then what the model was trained with. */
  readonly embeddings: Embeddings;
  readonly labels: Int32Array;
  /** For each corrected picture the fold in which it is held out, from 0. */
  readonly folds: Int32Array;
  readonly present: LinearHead;
  /** The classes of the present layer, and new ones. */
  readonly labelSet: LabelSet;
  /** From which a class or a group is named. */
  readonly threshold: number;
  readonly temperature: number;
  /** Vectors of pictures that nobody has corrected. */
  readonly others: Embeddings;
  readonly signal: AbortSignal;
  readonly onProgress: (done: number, total: number) => void;
}

export interface Side {
  readonly top1: number;
  /** Mean, in nats; a class that the model does not have costs 36. */
  readonly loss: number;
}

/** What a layer made of the corrected pictures, in their order. */
interface Answers extends Side {
  readonly outcomes: readonly Outcome[];
}

export interface ChosenChange {
  readonly head: LinearHead;
  readonly strength: number;
  /** Both layers on the corrected pictures, each answered by a layer that had not seen it or a copy of it. */
  readonly present: Answers;
  readonly candidate: Answers;
  readonly onlyPresentRight: number;
  readonly onlyCandidateRight: number;
  /** Of McNemar's exact test. */
  readonly p: number;
}

/** The first one changes least. */
const STRENGTHS: readonly number[] = [1000, 300, 100, 30, 10, 3, 1];
/** Of the corrected pictures a layer has to answer as many rightly, once it has seen them. */
const LEAST_LEARNED = 0.95;
const LEAST_AGREEMENT = 0.9;

/** @throws AppError ABORTED */
export async function chooseChange(options: ChooseOptions): Promise<ChosenChange> {
  const { embeddings, labels, folds, present, labelSet, threshold, temperature, signal, onProgress } = options;
  const classes = labelSet.classes.length;
  const interpretation = { labels: labelSet, temperature: 1, threshold, flags: () => [] };
  const corrected = [...folds.keys()];
  const parts = [...new Set(folds)].map((number) => ({
    held: corrected.filter((picture) => folds[picture] === number),
    seen: corrected.filter((picture) => folds[picture] !== number),
  }));
  const total = (parts.length + 1) * STRENGTHS.length;
  let done = 0;
  const corrector = await createLayerCorrector({ embeddings, labels, present, temperature, signal });

  const presentRow = (picture: number) =>
    corrector.presentLogits.subarray(picture * present.classes, (picture + 1) * present.classes);

  /** Divided by the temperature. */
  function logitsFor(picture: number, rows: CorrectedRows['rows']): Float32Array {
    const logits = new Float32Array(classes).fill(Number.NEGATIVE_INFINITY);
    logits.set(presentRow(picture));
    const vector = embeddings.vector(picture, 0);
    for (const [label, { weights, bias }] of rows) {
      let sum = bias;
      for (let i = 0; i < weights.length; i++) sum += (weights[i] as number) * (vector[i] as number);
      logits[label] = sum / temperature;
    }
    return logits;
  }

  function answer(picture: number, rows: CorrectedRows['rows']): Outcome {
    const logits = logitsFor(picture, rows);
    const classification = interpret(logits, interpretation, 1, 'en');
    return outcomeOf({ classification, logits, labels: labelSet, temperature: 1 }, labels[picture] as number);
  }

  /** Layers from the one that changes least on, for the pictures that are not left out. */
  async function* layers(leftOut: ReadonlySet<number>): AsyncGenerator<CorrectedRows> {
    let last: CorrectedRows | undefined;
    for (const strength of STRENGTHS) {
      last = await corrector.fit(strength, leftOut, last);
      onProgress(++done, total);
      yield last;
    }
  }

  const learnedBy = ({ rows }: CorrectedRows, pictures: readonly number[]) =>
    pictures.filter((picture) => bestOf(logitsFor(picture, rows)) === labels[picture]).length /
    Math.max(1, pictures.length);

  /** Writes the answers to what is held out, by strength; gives the shares that each layer answers rightly of what it has seen. */
  async function hold({ held, seen }: (typeof parts)[number], unseen: readonly Outcome[][]): Promise<number[]> {
    const shares: number[] = [];
    for await (const layer of layers(new Set(held))) {
      const answers = unseen[shares.length] as Outcome[];
      for (const picture of held) answers[picture] = answer(picture, layer.rows);
      shares.push(learnedBy(layer, seen));
    }
    return shares;
  }

  /**
   * For each strength the answers to all corrected pictures, each by a layer that had not seen it; and those of the candidate, for
   * which the other folds choose the strength, so that no picture judges what it has chosen.
   */
  async function answersUnseen(): Promise<{ readonly unseen: Outcome[][]; readonly candidate: Outcome[] }> {
    const unseen: Outcome[][] = STRENGTHS.map(() => []);
    const learned: number[][] = [];
    for (const part of parts) learned.push(await hold(part, unseen));
    const candidate: Outcome[] = [];
    for (const [i, { held, seen }] of parts.entries()) {
      const answers = unseen[leastChange(unseen, seen, learned[i] as number[])] as Outcome[];
      for (const picture of held) candidate[picture] = answers[picture] as Outcome;
    }
    return { unseen, candidate };
  }

  try {
    const { unseen, candidate } = await answersUnseen();
    const heads: LinearHead[] = [];
    const taught: number[] = [];
    for await (const layer of layers(new Set())) {
      heads.push(withRows(present, layer, classes));
      taught.push(learnedBy(layer, corrected));
    }
    const agreementOf = await createGuard(options, (picture) => bestOf(presentRow(picture)));
    let chosen = leastChange(unseen, corrected, taught);
    let agreement = await agreementOf(heads[chosen] as LinearHead);
    while (chosen > 0 && agreement !== null && agreement < LEAST_AGREEMENT) {
      chosen -= 1;
      agreement = await agreementOf(heads[chosen] as LinearHead);
    }
    const before = corrected.map((picture) => answer(picture, new Map()));
    const only = (one: readonly Outcome[], other: readonly Outcome[]) =>
      one.filter((outcome, i) => isRight(outcome) && !isRight(other[i] as Outcome)).length;
    const [onlyPresentRight, onlyCandidateRight] = [only(before, candidate), only(candidate, before)];
    return {
      ...{ head: heads[chosen] as LinearHead, strength: STRENGTHS[chosen] as number },
      ...{ present: answersOf(before), candidate: answersOf(candidate), onlyPresentRight, onlyCandidateRight },
      p: mcNemar(onlyPresentRight, onlyCandidateRight),
    };
  } finally {
    await corrector.release();
  }
}

/**
 * Tells for how many views of other pictures a layer names the class that the present one does, as a share; those do not count
 * whose class a correction names or takes back. Null if there are none.
 */
async function createGuard(
  { labels, folds, present, labelSet, others, signal }: ChooseOptions,
  namedBefore: (picture: number) => number,
): Promise<(head: LinearHead) => Promise<number | null>> {
  const { dimensions } = others;
  const concerned = new Set([...folds.keys()].flatMap((picture) => [labels[picture] as number, namedBefore(picture)]));
  const named = bestOfEach(await logitsOf(present, others.vectors, signal), present.classes);
  const rows = [...named.keys()].filter((row) => !concerned.has(named[row] as number));
  const vectors = new Float32Array(rows.length * dimensions);
  for (const [i, row] of rows.entries())
    vectors.set(others.vectors.subarray(row * dimensions, (row + 1) * dimensions), i * dimensions);

  return async (head) => {
    if (rows.length === 0) return null;
    const now = bestOfEach(await logitsOf(head, vectors, signal), labelSet.classes.length);
    return now.filter((label, i) => label === named[rows[i] as number]).length / now.length;
  };
}

/**
 * The first strength that answers as many of the pictures as any other, but for what chance makes of them (one standard error),
 * and that has learned what it was shown.
 */
function leastChange(
  unseen: readonly (readonly Outcome[])[],
  pictures: readonly number[],
  learned: readonly number[],
): number {
  const rights = unseen.map((answers) => pictures.filter((picture) => isRight(answers[picture] as Outcome)).length);
  const most = Math.max(...rights);
  const error = Math.sqrt(most * (1 - most / Math.max(1, pictures.length)));
  const enough = rights.findIndex(
    (right, i) => right >= most - Math.round(error) && (learned[i] as number) >= LEAST_LEARNED,
  );
  return enough < 0 ? rights.length - 1 : enough;
}

const answersOf = (outcomes: readonly Outcome[]): Answers => ({
  top1: outcomes.filter(isRight).length / outcomes.length,
  loss: outcomes.reduce((sum, outcome) => sum + lossOf(outcome), 0) / outcomes.length,
  outcomes,
});

const bestOf = (logits: Float32Array): number => bestOfEach(logits, logits.length)[0] as number;
