/** Training the last stage of a network does not lose what its new last layer had reached: five folds of ants and bees. */
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { settingsWith } from '#kaiyan/config.js';
import { groupDuplicates } from '#kaiyan/dataset/duplicates.js';
import { assignFolds, holdOut } from '#kaiyan/dataset/folds.js';
import { readDataset } from '#kaiyan/dataset/read-dataset.js';
import { type Bundle, modelFile, openBundle } from '#kaiyan/models/bundle.js';
import { importCheckpoint } from '#kaiyan/models/import-checkpoint.js';
import { createRegistry } from '#kaiyan/models/registry.js';
import { parseModel } from '#kaiyan/onnx/model-file.js';
import { embeddingOf } from '#kaiyan/training/bundle/embedding.js';
import { embedPictures } from '#kaiyan/training/embeddings/embed.js';
import type { Embeddings } from '#kaiyan/training/embeddings/embeddings.js';
import { createBoundaries } from '#kaiyan/training/fine-tuning/boundaries.js';
import { type FineTuned, fineTune } from '#kaiyan/training/fine-tuning/fine-tune.js';
import { openLearner } from '#kaiyan/training/fine-tuning/learner.js';
import { readNetwork } from '#kaiyan/training/fine-tuning/network.js';
import { cutBeforeStages } from '#kaiyan/training/fine-tuning/stages.js';
import { classWeights } from '#kaiyan/training/head/class-weights.js';
import { fitHead } from '#kaiyan/training/head/fit.js';
import { measure } from '#kaiyan/training/head/temperature.js';
import { embedded } from '../tests/support/bundles.js';
import { shared, withoutShared } from '../tests/support/requirements.js';
import { prove, showProgress } from './support/proof.js';

const FOLDS = 5;
const CLASSES = 2;
const REGULARISATION = 0.1;
/** Share of the pictures, on the mean of all folds. */
const LARGEST_LOSS_OF_ACCURACY = 0.01;

interface Plan {
  readonly folds: number;
  readonly pictures: number;
  readonly epochs: number;
  readonly augment: number;
}

const FULL: Plan = { folds: FOLDS, pictures: Number.POSITIVE_INFINITY, epochs: 5, augment: 4 };
const SHORT: Plan = { folds: 1, pictures: 40, epochs: 2, augment: 1 };

const never = new AbortController().signal;
const percent = (share: number) => `${(share * 100).toFixed(1)} %`;
const mean = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;

await prove('fine-tuning', withoutShared(), async ({ short, seed }) => {
  const home = await mkdtemp(path.join(os.tmpdir(), 'kaiyan-fine-tuning-'));
  try {
    const lite = await openBundle(embedded('efficientnet-lite0'));
    const file = path.join(shared, 'models/resnet18-standin.pth');
    const bundles = short ? [lite] : [lite, await importCheckpoint(file, {}, createRegistry(home))];
    const results = [];
    for (const bundle of bundles) results.push(await inFolds(bundle, home, short ? SHORT : FULL, seed));
    const lower = results.some(({ validation }) => validation.tuned < validation.head);
    return {
      figures: results.map(({ figures }) => figures).join('; '),
      violations: [
        ...results.flatMap(({ violations }) => violations),
        ...(short || lower ? [] : ['no network reaches a lower validation loss than its head alone']),
      ],
    };
  } finally {
    await rm(home, { recursive: true, force: true });
  }
});

interface Outcome {
  readonly before: ReturnType<typeof measure>;
  readonly after: ReturnType<typeof measure>;
  readonly tuned: FineTuned;
  readonly seconds: number;
}

async function inFolds(bundle: Bundle, home: string, plan: Plan, seed: number) {
  const settings = { ...settingsWith({}), home };
  const { pictures: all } = await readDataset(path.join(shared, 'transfer/hymenoptera'));
  const spread = Math.max(1, Math.floor(all.length / plan.pictures));
  const options = { views: plan.augment + 1, seed, settings, signal: never, onProgress: showProgress };
  const embeddings = await embedPictures(
    all.filter((_, i) => i % spread === 0),
    bundle,
    options,
  );
  const pictures = embeddings.pictures.map(({ picture }) => picture);
  const labels = Int32Array.from(pictures, ({ label }) => label);
  const { groups } = await groupDuplicates(embeddings.pictures, never);
  const folds = assignFolds(labels, groups, FOLDS, seed);
  const outcomes: Outcome[] = [];
  for (let fold = 0; fold < plan.folds; fold++) {
    const places = [...labels.keys()];
    const rest = places.filter((i) => folds[i] !== fold);
    const of = (values: Int32Array) => Int32Array.from(rest, (i) => values[i] as number);
    const parts = holdOut(of(labels), of(groups), 0.2, seed);
    const [training, validation] = [parts.training, parts.validation].map((part) => part.map((i) => rest[i] as number));
    const tested = places.filter((i) => folds[i] === fold);
    const samples = gather(embeddings, training as number[], labels);
    const weights = classWeights(samples.labels, CLASSES);
    const head = await fitHead(
      { ...samples, weights },
      { classes: CLASSES, regularisation: REGULARISATION, signal: never },
    );
    const take = (some: readonly number[] = []) => some.map((i) => pictures[i] as (typeof pictures)[number]);
    const times = [performance.now()];
    const tuned = await fineTune({
      ...{
        bundle,
        training: take(training),
        validation: take(validation),
        head,
        settings,
        runFolder: home,
        signal: never,
      },
      options: { unfreeze: 1, epochs: plan.epochs, augment: plan.augment, seed, resume: false },
      onUnreadable: (_picture, error) => {
        throw error;
      },
      onPoint: () => void times.push(performance.now()),
      onProgress: showProgress,
    });
    const truth = Int32Array.from(tested, (i) => labels[i] as number);
    const [before, after] = [
      measure(await answers(bundle, { ...tuned, weights: new Map(), head }, take(tested), home), truth, CLASSES),
      measure(await answers(bundle, tuned, take(tested), home), truth, CLASSES),
    ];
    const seconds = ((times.at(-1) as number) - (times[1] as number)) / 1000 / Math.max(1, times.length - 2);
    outcomes.push({ before, after, tuned, seconds });
    const curve = tuned.curve.map(({ loss, validationLoss }) => `${loss.toFixed(3)}/${validationLoss.toFixed(3)}`);
    process.stderr.write(
      `  ${bundle.manifest.name}, fold ${fold + 1}: loss in training/validation ${curve.join(' ')}\n`,
    );
  }
  const accuracy = {
    head: mean(outcomes.map(({ before }) => before.accuracy)),
    tuned: mean(outcomes.map(({ after }) => after.accuracy)),
  };
  const validation = {
    head: mean(outcomes.map(({ tuned }) => tuned.curve[0]?.validationLoss ?? Number.NaN)),
    tuned: mean(outcomes.map(({ tuned }) => tuned.curve[tuned.best]?.validationLoss ?? Number.NaN)),
  };
  const loss = (when: 'before' | 'after') => mean(outcomes.map((one) => one[when].loss)).toFixed(3);
  const drop = accuracy.head - accuracy.tuned;
  const isJudged = plan.folds === FOLDS;
  return {
    validation,
    figures: [
      `${bundle.manifest.name}: ${percent(accuracy.tuned)} of the pictures of ${plan.folds} folds named right, by the head alone ${percent(accuracy.head)} (bound ${percent(LARGEST_LOSS_OF_ACCURACY)} less)`,
      `loss on them ${loss('after')} against ${loss('before')}`,
      `validation loss ${validation.tuned.toFixed(3)} against ${validation.head.toFixed(3)} (bound: not more)`,
      `${mean(outcomes.map(({ seconds }) => seconds)).toFixed(1)} s for an epoch`,
    ].join(', '),
    violations: [
      ...(isJudged && drop > LARGEST_LOSS_OF_ACCURACY ? [`${bundle.manifest.name} loses ${percent(drop)}`] : []),
      ...(validation.tuned <= validation.head ? [] : [`${bundle.manifest.name} has a higher validation loss`]),
    ],
  };
}

/** All views of some pictures. */
function gather({ vector, dimensions, views }: Embeddings, some: readonly number[], labels: Int32Array) {
  const vectors = new Float32Array(some.length * views * dimensions);
  for (const [i, picture] of some.entries()) {
    for (let view = 0; view < views; view++) vectors.set(vector(picture, view), (i * views + view) * dimensions);
  }
  return { vectors, labels: Int32Array.from(some.flatMap((i) => Array<number>(views).fill(labels[i] as number))) };
}

/** Logits of pictures, by the network with changed weights. */
async function answers(
  bundle: Bundle,
  { weights, head }: Pick<FineTuned, 'weights' | 'head'>,
  pictures: Parameters<typeof fineTune>[0]['training'],
  folder: string,
): Promise<Float32Array> {
  const { path: file, input, shape } = modelFile(bundle, 'fp32');
  const model = parseModel(await readFile(file), file);
  const { name: embedding } = embeddingOf(model, bundle.manifest.output, file);
  const network = await readNetwork(model, { name: bundle.manifest.name, input, shape, embedding });
  const cut = cutBeforeStages(network, 1);
  const learner = await openLearner(network, cut, head);
  for (const [i, { name }] of learner.parameters.entries())
    learner.weights[i]?.set(weights.get(name) ?? learner.weights[i]);
  const settings = { ...settingsWith({}), home: folder };
  const boundaries = await createBoundaries({
    ...{ network, boundary: cut.boundary, input: bundle.manifest.input, pictures, changing: 0, views: 1 },
    ...{ seed: 0, settings, folder, signal: never },
    onUnreadable: (_picture, error) => {
      throw error;
    },
  });
  const logits = new Float32Array(pictures.length * head.classes);
  for (const picture of pictures.keys()) {
    logits.set(await learner.answer(await boundaries.read([{ picture, view: 0 }]), 1), picture * head.classes);
  }
  await Promise.all([learner.release(), boundaries.close()]);
  return logits;
}
