/** Pictures that say what they show, answered by models: the figures. */
import path from 'node:path';
import type { Settings } from '../config.js';
import { fingerprintOfLabelled } from '../dataset/data-fingerprint.js';
import { AppError } from '../errors.js';
import { className, type LabelSet } from '../labels/label-set.js';
import { digestOf, fileBytes, modelFile } from '../models/bundle.js';
import { countTrainedWith } from '../models/trained-with.js';
import { type AskedPicture, type AskOptions, askModels, type Contestant } from './ask.js';
import type { ComparedEvaluations, Evaluation, ForeignPictures, UnusablePicture } from './evaluation.js';
import { judge } from './judge.js';
import type { Outcome } from './outcome.js';
import { comparePaired } from './paired.js';
import { haveSameClasses } from './tally.js';

interface ReportedOptions {
  readonly settings: Settings;
  readonly signal: AbortSignal;
  /** The folder or the list, for reports. */
  readonly source?: string;
  /** Pictures of classes that the model does not have, for reports. */
  readonly foreign?: readonly ForeignPictures[];
  /** Mistakes that are shown with a picture; 24 if not given. */
  readonly thumbnails?: number;
}

/** A picture that cannot be read is listed and counted in the evaluation too. */
interface EvaluateOptions extends ReportedOptions, Omit<AskOptions, 'onStep'> {
  readonly onProgress?: ((done: number, total: number) => void) | undefined;
}

/**
 * Starts each model's workers, asks them about each picture, and closes them: one model after the other; of two the first is
 * tested against the second, on the pictures that both could read.
 * @throws AppError ABORTED, DATASET_INVALID (there is no picture, or none can be read), and what starting a classifier throws
 */
export async function evaluateModels(
  contestants: readonly Contestant[],
  options: EvaluateOptions,
): Promise<ComparedEvaluations> {
  const total = contestants.reduce((sum, { pictures }) => sum + pictures.length, 0);
  const evaluations: Evaluation[] = [];
  const answers: (readonly AskedPicture[])[] = [];
  let done = 0;
  const onStep = () => {
    done += 1;
    options.onProgress?.(done, total);
  };
  for (const contestant of contestants) {
    const [asked = []] = await askModels([contestant], { ...options, onStep });
    if (options.signal.aborted) throw new AppError('ABORTED', {});
    answers.push(asked);
    evaluations.push(await evaluationOf(contestant, asked, options));
  }
  const [first, second] = contestants;
  const [one, other] = answers;
  const paired =
    first && second && one && other
      ? pairedTest(one, other, haveSameClasses(first.bundle.labels, second.bundle.labels))
      : null;
  return { evaluations, paired };
}

/** On the pictures that both could answer. */
export function pairedTest(
  one: readonly AskedPicture[],
  other: readonly AskedPicture[],
  haveSameClasses: boolean,
): NonNullable<ComparedEvaluations['paired']> {
  const both = one.flatMap(({ answer }, i) => {
    const second = other[i]?.answer;
    return isOutcome(answer) && second && isOutcome(second) ? [[answer, second] as const] : [];
  });
  return comparePaired(
    both.map(([first]) => first),
    both.map(([, second]) => second),
    haveSameClasses,
  );
}

const isOutcome = (answer: AskedPicture['answer']): answer is Outcome => !('code' in answer);

/**
 * The figures of a model's answers. `labels` are those that the answers' positions are of, if they are not the model's own.
 * @throws AppError ABORTED, DATASET_INVALID
 */
export async function evaluationOf(
  { bundle, precision }: Omit<Contestant, 'pictures'>,
  asked: readonly AskedPicture[],
  { settings, signal, source = '', foreign = [], thumbnails }: ReportedOptions,
  labels: LabelSet = bundle.labels,
): Promise<Evaluation> {
  const answered = asked.flatMap(({ picture, answer }) => (isOutcome(answer) ? [{ picture, outcome: answer }] : []));
  const unusable = asked.flatMap(({ picture: { name, path: file }, answer }): UnusablePicture[] =>
    isOutcome(answer) ? [] : [{ name, code: answer.code, error: answer.message.replaceAll(file, () => name) }],
  );
  if (answered.length === 0) {
    const [first] = unusable;
    throw new AppError('DATASET_INVALID', {
      source: source || 'the data',
      expected: `pictures that can be read, of classes that ${bundle.manifest.name} has,`,
      found: first ? `only others (${first.name}: ${first.error})` : 'none',
      remedy: 'Name other pictures, or another model',
    });
  }
  const trainedWith = await countTrainedWith(
    bundle,
    asked.flatMap(({ sha256 = '', answer }) => (isOutcome(answer) ? [sha256] : [])),
  );
  const { manifest } = bundle;
  const { name, version, license, architecture = null, temperature, input } = manifest;
  const sha256 = fingerprintOfLabelled(
    asked.flatMap(({ sha256, picture: { truth } }) =>
      sha256 === undefined ? [] : [[sha256, className(labels, truth, 'en')] as const],
    ),
  );
  return {
    model: {
      ...{ name, version, precision, digest: digestOf(modelFile(bundle, precision)) },
      ...{ bytes: fileBytes(bundle, precision), classes: bundle.labels.classes.length, temperature, license },
      ...{ architecture, input: { width: input.width, height: input.height } },
      recipe: manifest.training?.recipe ?? null,
    },
    data: {
      source: path.basename(source),
      pictures: answered.length,
      classes: new Set(answered.map(({ outcome }) => outcome.truth)).size,
      ...{ sha256, isTrainingData: manifest.training?.data.sha256 === sha256, trainedWith },
      ...{ unusable, foreign },
    },
    created: new Date().toISOString(),
    ...(await judge(answered, labels, { settings, signal, thumbnails })),
  };
}
