/** From what was fitted to an installed model: a draft, INT8, its figures on pictures that were held out, its place. */
import { rm } from 'node:fs/promises';
import path from 'node:path';
import type { Settings } from '../config.js';
import { spread } from '../dataset/labelled-pictures.js';
import { AppError } from '../errors.js';
import type { EvaluatedPicture, Evaluation } from '../evaluation/evaluation.js';
import { writeReport } from '../evaluation/report/report.js';
import { writeDurably } from '../folders.js';
import { LANGUAGES } from '../labels/label-set.js';
import { type Bundle, modelFile, precisionsOf } from '../models/bundle.js';
import type { Manifest } from '../models/manifest.js';
import { parseReference, referenceOf } from '../models/reference.js';
import type { Registry } from '../models/registry.js';
import { makeInt8 } from './bundle/make-int8.js';
import { draftModel, installDraft, type TrainedModel, withoutInt8, withVersion } from './bundle/trained-model.js';
import type { Finding } from './check/finding.js';
import { agreementOf, int8Speedup, type Judged, judgeModel, namedFor } from './judge-model.js';
import type { ReportPhase } from './progress.js';
import { reportName } from './run.js';
import type { CurvePoint, JudgedClass, TrainingOptions, TrainingResult } from './training.js';

export interface Finishing {
  readonly base: Bundle;
  readonly registry: Registry;
  readonly trained: TrainedModel;
  readonly options: TrainingOptions;
  readonly training: readonly EvaluatedPicture[];
  readonly validation: readonly EvaluatedPicture[];
  /** What the training itself says of the validation pictures: the class of each. */
  readonly answers: readonly number[];
  readonly curve: readonly CurvePoint[];
  readonly findings: readonly Finding[];
  /** Writes what is to be told of the model beside its figures, before it is installed. */
  readonly reportOn?: ((candidate: Bundle) => Promise<void>) | undefined;
  readonly source: string;
  readonly folder: string;
  readonly settings: Settings;
  readonly signal: AbortSignal;
  readonly report: ReportPhase;
}

type Finished = Pick<TrainingResult, 'model' | 'validation' | 'int8'>;

/** INT8 has to name the same class for so many of the pictures. */
const LEAST_AGREEMENT = 0.98;
/** Fewer say little about INT8: training pictures make up for what is not held out. */
const LEAST_ASKED = 100;

export async function finishModel(finishing: Finishing): Promise<Finished> {
  const { base, registry, trained, folder, options, report } = finishing;
  const place = path.join(folder, 'bundle');
  const first = await draftModel(base, trained, place);
  const before = options.resume ? await installedBefore(registry, first, options) : undefined;
  const draft = await quantize(before ? await withVersion(first, before.manifest.version) : first, finishing);
  const { fp32, int8, agreement } = await judgeBoth(draft, finishing);
  const isKept =
    int8 !== undefined &&
    (before ? precisionsOf(before).includes('int8') : await isBetter(draft, options, agreement ?? 0));
  report('installing', 0, 1);
  const evaluations = [fp32, ...(isKept ? [int8] : [])].flatMap(({ evaluation }) => evaluation ?? []);
  const [judged] = evaluations;
  const found = judged
    ? await writeReports(finishing, [judged, ...evaluations.slice(1)])
    : { metrics: [], training: trained.record };
  const wanted = isKept || !int8 ? draft : await withoutInt8(draft);
  await finishing.reportOn?.(before ?? wanted);
  const installed = before ?? (await installDraft(registry, wanted, found));
  await rm(place, { recursive: true, force: true });
  report('installing', 1, 1);
  return {
    model: referenceOf(installed.manifest),
    validation: judged
      ? { pictures: judged.data.pictures, ...topOf(judged), perClass: classesOf(judged) }
      : { pictures: 0, top1: 0, loss: 0, perClass: [] },
    int8: int8 ? { kept: isKept, agreement, top1: int8.evaluation?.top1.value ?? null } : null,
  };
}

const topOf = ({ top1, logLoss }: Evaluation) => ({ top1: top1.value, loss: logLoss.value });

/** More say nothing that the report does not say better. */
const MOST_CLASSES = 100;

const classesOf = ({ perClass }: Evaluation): JudgedClass[] =>
  perClass
    .filter(({ support }) => support > 0)
    .toSorted((a, b) => a.recall - b.recall)
    .slice(0, MOST_CLASSES)
    .map(({ label, zh, support, recall }) => ({ label, zh, pictures: support, right: Math.round(recall * support) }));

async function judgeBoth(draft: Bundle, finishing: Finishing) {
  const { validation: held, training, report } = finishing;
  const has8Bits = precisionsOf(draft).includes('int8');
  const makesUp = has8Bits || held.length === 0;
  const others = makesUp ? spread(training, Math.max(0, LEAST_ASKED - held.length)) : [];
  const judged = await judgeModel(
    draft,
    has8Bits ? ['fp32', 'int8'] : ['fp32'],
    { held, others },
    {
      ...finishing,
      onProgress: (...far) => report('evaluating', ...far),
    },
  );
  const [fp32, int8] = judged as [Judged, Judged | undefined];
  requireSame(draft, finishing, fp32);
  const agreement = int8 ? agreementOf(fp32, int8) : null;
  return { fp32, int8, agreement };
}

/** A draft that has INT8 already has only lost its last layer, and keeps it for nothing. */
async function quantize(draft: Bundle, { options, training, settings, signal, report }: Finishing): Promise<Bundle> {
  const has = precisionsOf(draft).includes('int8');
  if (options.int8 === 'never') return has ? withoutInt8(draft) : draft;
  if (has || signal.aborted) return draft;
  return makeInt8(draft, training, {
    ...{ settings, signal, minAgreement: options.int8 === 'always' ? 0 : LEAST_AGREEMENT },
    onProgress: (...far) => report('quantizing', ...far),
  });
}

async function isBetter(draft: Bundle, { int8 }: TrainingOptions, agreement: number): Promise<boolean> {
  return int8 === 'always' || (agreement >= LEAST_AGREEMENT && (await int8Speedup(draft)) > 1);
}

/** Rounding may decide between two classes that are as probable, for one picture at least; more is a mistake in the model that was made. */
const MOST_OTHERS = 0.01;

function requireSame({ manifest }: Bundle, { validation, answers }: Finishing, { held }: Judged): void {
  const others = held.filter((asked, i) => (namedFor(asked) ?? answers[i]) !== answers[i]);
  if (others.length <= Math.max(1, MOST_OTHERS * validation.length)) return;
  throw new AppError('MODEL_CHECK_FAILED', {
    model: referenceOf(manifest),
    problem: `for ${others.length} of ${validation.length} pictures it names other classes than while it was trained`,
  });
}

const metricOf = ({ model, data, top1 }: Evaluation): Manifest['metrics'][number] => ({
  precision: model.precision,
  top1: Math.round(top1.value * 1000) / 10,
  on: `${data.pictures} pictures of its own that were held out`,
  source: 'measured',
});

/** What was found out goes into the folder, and, in short, into the manifest. FP32 comes first. */
async function writeReports(finishing: Finishing, evaluations: readonly [Evaluation, ...Evaluation[]]): Promise<Found> {
  const { folder, settings, curve, findings, validation, answers, trained } = finishing;
  const { top1: accuracy, loss } = topOf(evaluations[0]);
  const training = { ...trained.record, validation: { accuracy, loss } };
  const lines = validation.map(({ name, truth }, i) =>
    JSON.stringify({
      name,
      label: trained.classes[truth]?.label,
      answer: trained.classes[answers[i] as number]?.label,
    }),
  );
  await writeDurably(path.join(folder, 'answers.jsonl'), `${lines.join('\n')}\n`);
  const report = { evaluations, training, curve, findings };
  await writeDurably(path.join(folder, 'report.json'), `${JSON.stringify(report)}\n`);
  const recipe = Object.entries(training.recipe).map(([name, value]) => [name, String(value)] as const);
  for (const lang of LANGUAGES) {
    const file = path.join(folder, reportName(lang, settings));
    await writeReport({ evaluations: evaluations.slice(0, 1), paired: null }, file, {
      ...{ lang, training: { curve, findings }, recipe },
    });
  }
  return { metrics: evaluations.map(metricOf), training };
}

type Found = Pick<Manifest, 'metrics' | 'training'>;

/** One that was installed just before the process was killed is not installed again: the version that was told, or any. */
async function installedBefore(
  registry: Registry,
  draft: Bundle,
  { output, int8 }: TrainingOptions,
): Promise<Bundle | undefined> {
  const { name, version } = parseReference(output);
  for (const one of await registry.list()) {
    if (one.name !== name || (version !== undefined && one.version !== version)) continue;
    const same = await registry.open(referenceOf(one)).catch(() => undefined);
    if (!same || !isSameModel(same, draft)) continue;
    if (int8 === 'auto' || precisionsOf(same).includes('int8') === (int8 === 'always')) return same;
  }
  return undefined;
}

/** In weights, and in what the classes are called. */
const isSameModel = (one: Bundle, other: Bundle): boolean =>
  modelFile(one, 'fp32').sha256 === modelFile(other, 'fp32').sha256 &&
  JSON.stringify(one.manifest.labels) === JSON.stringify(other.manifest.labels);
