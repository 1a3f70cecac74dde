/** `kaiyan evaluate`: how good a model is on pictures whose classes are known, or which of two models is better. */
import { access, constants, lstat } from 'node:fs/promises';
import path from 'node:path';
import { choosePrecision } from '../../classification/precision.js';
import type { Configuration, Settings } from '../../config.js';
import { AppError } from '../../errors.js';
import { evaluateModels } from '../../evaluation/evaluate.js';
import type { ComparedEvaluations } from '../../evaluation/evaluation.js';
import { findDuplicate, type ModelChoice, parseModelChoice, parseModelChoices } from '../../evaluation/model-choice.js';
import { createPredictions } from '../../evaluation/predictions.js';
import { writeReport } from '../../evaluation/report/report.js';
import { readTruths, type Truths } from '../../evaluation/truths.js';
import { outputUnwritable } from '../../folders.js';
import { referenceOf } from '../../models/reference.js';
import { createRegistry } from '../../models/registry.js';
import { describeFailure } from '../description.js';
import { describeEvaluations } from '../evaluation-report.js';
import { catchInterrupt } from '../interrupt.js';
import { visible, writeLine } from '../output.js';
import { createStepProgress } from '../progress.js';

export interface EvaluateFlags {
  /** Two names with a comma between them. */
  readonly compare: string | undefined;
  /** New files. */
  readonly report: string | undefined;
  readonly predictions: string | undefined;
  readonly json: boolean;
  readonly all: boolean;
}

/**
 * Pictures that cannot be read are reported and the rest go on; the exit status is then 1. Ctrl-C ends it without a result and
 * without a file: the figures of some of the pictures would be those of some of the classes.
 * @throws AppError as `readTruths` and `evaluateModels` do, USAGE, OUTPUT_UNWRITABLE
 */
export async function evaluate(source: string, { settings }: Configuration, flags: EvaluateFlags): Promise<void> {
  const signal = catchInterrupt();
  await requireNew('report', '.html', flags.report);
  await requireNew('predictions', '.jsonl', flags.predictions);
  const models = await openModels(choicesOf(settings, flags), settings);
  const truths = await readTruths(
    source,
    models.map(({ bundle }) => bundle.labels),
  );
  requireCommon(
    source,
    models.map(({ bundle }) => referenceOf(bundle.manifest)),
    truths,
  );
  const predictions = flags.predictions === undefined ? undefined : await createPredictions(flags.predictions);
  const progress = createStepProgress();
  let result: ComparedEvaluations;
  try {
    result = await evaluateModels(
      models.map((model, i) => ({ ...model, pictures: truths.pictures[i] ?? [] })),
      {
        ...{ settings, signal, source, foreign: truths.foreign },
        onProgress: (done, total) => progress.show('pictures', done, total),
        onUnusable: (name, { message, code }) => {
          progress.hide();
          process.stderr.write(`${describeFailure(name, message, code)}\n`);
        },
        onAnswer: predictions?.add,
        ...(flags.report === undefined && { thumbnails: 0 }),
      },
    );
    if (flags.report !== undefined) await writeReport(result, flags.report, { lang: settings.lang });
    await predictions?.keep();
  } catch (error) {
    await predictions?.discard();
    throw error;
  } finally {
    progress.hide();
  }
  if (result.evaluations.some(({ data }) => data.unusable.length > 0)) process.exitCode ||= 1;
  const text = flags.json ? asJson(result) : describeEvaluations(result, { all: flags.all, lang: settings.lang });
  await writeLine(process.stdout, text);
  if (flags.report !== undefined) await writeLine(process.stderr, visible(`The report is in ${flags.report}.`));
}

/** The first one of `--compare` is the one that is there: `--model` names no second one beside it. */
function choicesOf({ model }: Settings, { compare }: EvaluateFlags): ModelChoice[] {
  return compare === undefined ? [parseModelChoice(model)] : parseModelChoices(compare, '--compare', 2);
}

async function openModels(choices: readonly ModelChoice[], settings: Settings) {
  const registry = createRegistry(settings.home);
  const models = await Promise.all(
    choices.map(async ({ reference, precision = settings.precision }) => {
      const bundle = await registry.open(reference);
      return { bundle, precision: (await choosePrecision(bundle, precision, settings.home)).precision };
    }),
  );
  const duplicate = findDuplicate(models.map(({ bundle, precision }) => ({ ...bundle.manifest, precision })));
  if (duplicate === undefined) return models;
  const problem = `Expected different models, but ${duplicate} is named twice. Name another one, or another precision.`;
  throw new AppError('USAGE', { problem });
}

/** Before the work, which may take hours: nothing that is there is overwritten, and so neither is what is evaluated. */
async function requireNew(option: 'report' | 'predictions', ending: string, file: string | undefined): Promise<void> {
  if (file === undefined) return;
  const problem =
    path.extname(file).toLowerCase() !== ending
      ? `Expected the name of a file that ends in ${ending} for --${option}, but got "${file}". Name it so.`
      : await lstat(file).then(
          () => `Expected the name of a new file, but ${file} exists. Name another one with --${option}.`,
          (error: NodeJS.ErrnoException) => {
            if (error.code !== 'ENOENT') throw outputUnwritable(error);
          },
        );
  if (problem !== undefined) throw new AppError('USAGE', { problem });
  await access(path.dirname(path.resolve(file)), constants.W_OK).catch((error: Error) => {
    throw outputUnwritable(error);
  });
}

/** Of one model it is said where its pictures are counted. @throws AppError DATASET_INVALID */
function requireCommon(source: string, names: readonly string[], { pictures, known }: Truths): void {
  if (names.length < 2 || pictures[0]?.length !== 0) return;
  const lacking = names.filter((_, i) => known[i] === 0);
  const found = lacking.length > 0 ? `none that ${lacking.join(' or ')} has` : 'none that both have';
  throw new AppError('DATASET_INVALID', {
    ...{ source, expected: `pictures of classes that both ${names.join(' and ')} have,`, found },
    remedy: 'Name other pictures, or other models',
  });
}

/** Without the thumbnails of the report. */
const asJson = ({ evaluations, paired }: ComparedEvaluations): string =>
  JSON.stringify({
    evaluations: evaluations.map((evaluation) => ({
      ...evaluation,
      mistakes: evaluation.mistakes.map(({ thumbnail: _, ...mistake }) => mistake),
    })),
    paired,
  });
