/** From what people have corrected to a candidate for the model that answers: installed, compared with it, and not active. */
import { readdir } from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { LEAST_CORRECTIONS } from '../corrections/correction.js';
import { readCorrections } from '../corrections/read-corrections.js';
import type { OwnClass, OwnPicture } from '../dataset/dataset.js';
import { type Duplicates, groupDuplicates } from '../dataset/duplicates.js';
import { assignFolds } from '../dataset/folds.js';
import { PICTURE_NAME, spread } from '../dataset/labelled-pictures.js';
import { AppError } from '../errors.js';
import { imagenet1k } from '../labels/imagenet-1k/index.js';
import type { LabelSet } from '../labels/label-set.js';
import { type Bundle, modelFile } from '../models/bundle.js';
import type { Manifest, TrainingRecord } from '../models/manifest.js';
import { referenceOf } from '../models/reference.js';
import { createRegistry } from '../models/registry.js';
import { openWithFp32 } from '../models/with-fp32.js';
import { type CopiedData, duplicateFindings } from './check/duplicate-findings.js';
import type { Finding } from './check/finding.js';
import { embedPictures } from './embeddings/embed.js';
import type { EmbeddedPicture, Embeddings } from './embeddings/embeddings.js';
import { hashPictures } from './embeddings/hash-pictures.js';
import { finishModel } from './finish-model.js';
import { chooseChange, type Side } from './improving/choose-change.js';
import { correctedName } from './improving/corrected-name.js';
import { findEarlierData } from './improving/earlier-data.js';
import { matchClasses } from './improving/match-classes.js';
import { readPresentLayer } from './improving/present-layer.js';
import { reportChange } from './improving/report-change.js';
import { createPhaseReporter } from './progress.js';
import { inRunFolder, runId } from './run.js';
import { targetFor } from './target.js';
import type { TrainingContext } from './train.js';
import { TRAINING_DEFAULTS, type TrainingOptions, type TrainingResult } from './training.js';
import { fingerprintOfData } from './usable.js';

export interface ImproveOptions extends Partial<Pick<TrainingOptions, 'augment' | 'seed' | 'int8' | 'resume'>> {
  /** The model that answers by the settings, if not given. */
  readonly model?: string | undefined;
  /** That name with `-corrected` after it, if not given. */
  readonly output?: string | undefined;
}

interface ComparedSide extends Side {
  readonly model: string;
}

export interface ImprovementResult extends TrainingResult {
  /** Both models on the corrected pictures, each answered by a layer that had not seen it. */
  readonly comparison: {
    readonly present: ComparedSide;
    readonly candidate: ComparedSide;
    readonly pictures: number;
    readonly onlyPresentRight: number;
    readonly onlyCandidateRight: number;
    /** Of McNemar's exact test, two-sided. */
    readonly p: number;
  };
}

const FOLDS = 5;
const MOST_EARLIER = 2000;
const EXAMPLES = fileURLToPath(new URL('../../examples/pictures', import.meta.url));

/**
 * Deterministic for the same corrections, model and seed on one machine.
 * @throws AppError CORRECTIONS_TOO_FEW, USAGE, MODEL_NOT_FOUND, MODEL_EXISTS, PRECISION_UNAVAILABLE (the model has no FP32),
 * MODEL_*, TRAINING_BUSY, DISK_FULL, DATA_UNWRITABLE, ABORTED
 */
export async function improve(
  { model, output, ...given }: ImproveOptions,
  { settings, signal, onEvent, folder: place }: TrainingContext,
): Promise<ImprovementResult> {
  const report = createPhaseReporter(onEvent);
  const registry = createRegistry(settings.home);
  const base = await openWithFp32(registry, model ?? settings.model);
  const present = referenceOf(base.manifest);
  const options: TrainingOptions = {
    ...TRAINING_DEFAULTS,
    ...{ model: present, output: output ?? correctedName(present), unfreeze: 0, epochs: 0, validation: 0 },
    augment: given.augment ?? TRAINING_DEFAULTS.augment,
    seed: given.seed ?? TRAINING_DEFAULTS.seed,
    int8: given.int8 ?? TRAINING_DEFAULTS.int8,
    resume: given.resume ?? TRAINING_DEFAULTS.resume,
  };
  const target = await targetFor(registry, options.output, options.resume);
  const corrections = await readCorrections(settings.home);
  requireEnough(corrections.pictures.length);
  const layer = await readPresentLayer(base);
  const hashes = await hashPictures(corrections.pictures, {
    ...{ settings, signal },
    onProgress: (...far) => report('reading', ...far),
  });
  const data = fingerprintOfData(corrections, hashes);
  const key = { data, base: modelFile(base, 'fp32').sha256, options, source: corrections.source };
  const folder = place ?? path.join(settings.home, 'trainings', runId(key));

  return inRunFolder(folder, key, async () => {
    const { classes, positions } = matchClasses(base.labels, corrections.classes);
    const own = corrections.pictures.map((one) => ({ ...one, label: positions[one.label] as number }));
    const earlier = await earlierPictures(base);
    const embed = (pictures: readonly OwnPicture[]) =>
      embedPictures(pictures, base, {
        ...{ settings, signal, seed: options.seed, views: options.augment + 1 },
        onProgress: (...far) => report('embedding', ...far),
      });
    const all = await embed([...own, ...earlier]);
    for (const { picture, error } of all.unreadable) onEvent({ kind: 'unreadable', name: picture.name, error });
    const names = new Set(own.map(({ path: file }) => file));
    const isCorrected = ({ picture }: EmbeddedPicture) => names.has(picture.path);
    const wanted = await withoutCopies(all, all.pictures.filter(isCorrected).length, signal);
    const embeddings = wanted.length < all.pictures.length ? await embed(wanted) : all;
    const corrected = embeddings.pictures.filter(isCorrected);
    requireEnough(corrected.length);
    const labels = Int32Array.from(embeddings.pictures, ({ picture }) => picture.label);
    const truths = labels.subarray(0, corrected.length);
    const duplicates = await groupDuplicates(corrected, signal);
    const folds = foldsOf(truths, duplicates, options.seed);
    const findings = onlyCopies(corrected, { duplicates, classes, labels: truths });
    for (const finding of findings) onEvent({ kind: 'finding', finding });
    const temperature = base.manifest.temperature;
    const labelSet = withClasses(base.labels, classes);
    const chosen = await chooseChange({
      ...{ embeddings, labels, folds, temperature, signal, present: layer, labelSet, threshold: settings.threshold },
      others: await embed(await examplePictures()),
      onProgress: (...far) => report('fitting', ...far),
    });
    const [before, candidate] = [sideOf(chosen.present), sideOf(chosen.candidate)];
    const counts = new Array<number>(classes.length).fill(0);
    for (const label of labels) counts[label] = (counts[label] as number) + 1;
    const record: TrainingRecord = {
      recipe: {
        ...{ unfreeze: 0, epochs: 0, bestEpoch: 0, augment: embeddings.views - 1, seed: options.seed, validation: 0 },
        regularisation: chosen.strength,
      },
      data: { sha256: data, pictures: counts, validation: 0 },
      crossValidated: { accuracy: candidate.top1, loss: candidate.loss },
      validation: null,
    };
    const finished = await finishModel({
      ...{ base, registry, options, folder, settings, signal, report, source: corrections.source },
      trained: {
        ...{ ...target, head: chosen.head, classes, temperature, record },
        labels: labelsWith(base, classes),
        learned: embeddings.pictures.map(({ sha256 }) => sha256),
      },
      training: corrected.map(({ picture: { path: file, name, label } }) => ({ path: file, name, truth: label })),
      ...{ validation: [], answers: [], curve: [], findings },
      reportOn: (bundle) =>
        reportChange({
          present: { bundle: base, outcomes: chosen.present.outcomes },
          candidate: { bundle, outcomes: chosen.candidate.outcomes },
          ...{ corrected, labels: labelSet, findings, source: corrections.source, folder, settings },
        }),
    });
    const { onlyPresentRight, onlyCandidateRight, p } = chosen;
    return {
      ...finished,
      ...{ pictures: embeddings.pictures.length, classes: classes.length, augment: embeddings.views - 1 },
      ...{ crossValidated: candidate.top1, stopped: signal.aborted, folder },
      validation: { pictures: corrected.length, ...candidate },
      comparison: {
        present: { model: present, ...before },
        candidate: { model: finished.model, ...candidate },
        ...{ pictures: corrected.length, onlyPresentRight, onlyCandidateRight, p },
      },
    };
  });

  /** Of classes that the model has; what the data set has got since is left to another training. */
  async function earlierPictures(of: Bundle): Promise<OwnPicture[]> {
    const found = await findEarlierData(of, registry, settings.home);
    if (!found) return [];
    const known = new Map(of.labels.classes.map(([, en], position) => [en, position]));
    const pictures = found.pictures.flatMap(({ path: file, name, label }) => {
      const position = known.get(found.classes[label]?.label ?? '');
      return position === undefined ? [] : [{ path: file, name, label: position }];
    });
    return spread(pictures, MOST_EARLIER);
  }
}

const sideOf = ({ top1, loss }: Side): Side => ({ top1, loss });

/** The new ones belong to no group. */
const withClasses = (labels: LabelSet, classes: readonly OwnClass[]): LabelSet => ({
  ...labels,
  classes: classes.map(({ label, zh }, i) => labels.classes[i] ?? [null, label, zh]),
});

/** Categories and groups stay with the classes that have them. */
function labelsWith({ manifest: { labels } }: Bundle, classes: readonly OwnClass[]): Manifest['labels'] {
  const words = classes.map(({ label, zh }) => ({ en: label, zh }));
  if (Array.isArray(labels)) return words;
  const more = words.slice(imagenet1k.classes.length);
  return more.length === 0 ? 'imagenet-1k' : { base: 'imagenet-1k', more };
}

function requireEnough(found: number): void {
  if (found < LEAST_CORRECTIONS) throw new AppError('CORRECTIONS_TOO_FEW', { found, least: LEAST_CORRECTIONS });
}

/**
 * All but earlier copies of what was corrected, which comes first: what people say now counts, and a layer that has seen a copy
 * is not to be asked about the picture.
 */
async function withoutCopies({ pictures }: Embeddings, corrected: number, signal: AbortSignal): Promise<OwnPicture[]> {
  const { groups } = await groupDuplicates(pictures, signal);
  const taken = new Set(groups.subarray(0, corrected));
  const kept = pictures.filter((_, i) => i < corrected || !taken.has(groups[i] as number));
  return kept.map(({ picture }) => picture);
}

/** Copies of a picture are in one fold, unless there is nothing else. */
function foldsOf(labels: Int32Array, { groups }: Duplicates, seed: number): Int32Array {
  const parted = new Set(groups).size > 1 ? groups : Int32Array.from(labels.keys());
  return assignFolds(labels, parted, Math.min(FOLDS, new Set(parted).size), seed);
}

/** Of classes that are corrected with nothing else: their pictures are in several folds all the same. */
function onlyCopies(corrected: readonly EmbeddedPicture[], data: Omit<CopiedData, 'pictures'>): Finding[] {
  const labelOf = (position: number) => data.classes[position]?.label ?? '';
  const pictures = corrected.map(({ picture: { name, label } }) => ({ name, label: labelOf(label) }));
  return duplicateFindings({ ...data, pictures }).filter(({ kind }) => kind === 'only-copies');
}

/** What the model says of them has to stay, as far as nobody has corrected it. */
async function examplePictures(): Promise<OwnPicture[]> {
  const names = (await readdir(EXAMPLES)).filter((name) => PICTURE_NAME.test(name)).sort();
  return names.map((name) => ({ path: path.join(EXAMPLES, name), name, label: 0 }));
}
