/** Of labels that were swapped on purpose the check of a data set finds most, and it points out what is no photograph of the matter. */
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { settingsWith } from '#kaiyan/config.js';
import type { Dataset, OwnPicture } from '#kaiyan/dataset/dataset.js';
import { groupDuplicates } from '#kaiyan/dataset/duplicates.js';
import { readDataset } from '#kaiyan/dataset/read-dataset.js';
import { imagenet1k } from '#kaiyan/labels/imagenet-1k/index.js';
import { type Bundle, openBundle } from '#kaiyan/models/bundle.js';
import { importCheckpoint } from '#kaiyan/models/import-checkpoint.js';
import { createRegistry } from '#kaiyan/models/registry.js';
import { createRandom } from '#kaiyan/random.js';
import { checkDataset } from '#kaiyan/training/check/check-dataset.js';
import type { FindingKind } from '#kaiyan/training/check/finding.js';
import { embedPictures } from '#kaiyan/training/embeddings/embed.js';
import { crossValidate } from '#kaiyan/training/head/cross-validate.js';
import { embedded } from '../tests/support/bundles.js';
import { shared, withoutShared } from '../tests/support/requirements.js';
import { type ProofResult, prove, showProgress } from './support/proof.js';

/** Of the pictures whose labels are swapped. */
const SWAPPED = 0.05;
const LEAST_FOUND = 2 / 3;
/** For each label that was swapped. */
const MOST_FALSE_ALARMS = 1;
const SEEDS = 10;
const SHORT_SEEDS = 4;
const NOT_FOUND = 'ants/imageNotFound.gif';

/** Photographs of ImageNet are of the first of these categories that their class is in. */
const KINDS = ['dog', 'bird', 'insect-and-spider', 'animal', 'food-and-drink', 'vehicle'];
const OTHER = 'thing';

const percent = (share: number) => `${(share * 100).toFixed(1)} %`;

await prove('labels', withoutShared(), async ({ short, seed }) => {
  const home = await mkdtemp(path.join(os.tmpdir(), 'kaiyan-labels-'));
  try {
    const seeds = Array.from({ length: short ? SHORT_SEEDS : SEEDS }, (_, i) => seed + i);
    const insects = await readDataset(path.join(shared, 'transfer/hymenoptera'));
    const lite = await openBundle(embedded('efficientnet-lite0'));
    const parts = [await judge('ants and bees', insects, lite, home, seeds)];
    if (!short) {
      const file = path.join(shared, 'models/resnet18-standin.pth');
      const residual = await importCheckpoint(file, {}, createRegistry(home));
      parts.push(await judge('ants and bees', insects, residual, home, seeds));
      for (const bundle of [residual, lite])
        parts.push(await judge('seven kinds of things', await kinds(), bundle, home, seeds));
    }
    return {
      figures: `5 % of the labels swapped, ${seeds.length} seeds (bounds ${percent(LEAST_FOUND)}, ${MOST_FALSE_ALARMS} false alarm a swap): ${parts.map(({ figures }) => figures).join('; ')}`,
      violations: parts.flatMap(({ violations }) => violations),
    };
  } finally {
    await rm(home, { recursive: true, force: true });
  }
});

/** The labels as they are, and then swapped anew for each seed. */
async function judge(
  what: string,
  dataset: Dataset,
  bundle: Bundle,
  home: string,
  seeds: readonly number[],
): Promise<ProofResult> {
  const signal = new AbortController().signal;
  const settings = settingsWith({ home });
  const onProgress = () => undefined;
  const embeddings = await embedPictures(dataset.pictures, bundle, { views: 1, seed: 0, settings, signal, onProgress });
  const duplicates = await groupDuplicates(embeddings.pictures, signal);
  const { classes } = dataset;

  async function namesOf(kind: FindingKind, labels: Int32Array, seed: number): Promise<Set<string>> {
    const options = { classes: classes.length, seed, signal };
    const crossValidation = await crossValidate(embeddings, labels, duplicates.groups, options);
    const data = { dataset, embeddings, duplicates, classes, labels, crossValidation, signal };
    const findings = await checkDataset(data);
    return new Set(findings.filter((finding) => finding.kind === kind).flatMap(({ pictures }) => pictures));
  }

  const truth = Int32Array.from(embeddings.pictures, ({ picture }) => picture.label);
  const outliers = await namesOf('outlier', truth, 0);
  let [swaps, found, falseAlarms] = [0, 0, 0];
  for (const [i, seed] of seeds.entries()) {
    const swapped = swap(truth, classes.length, seed);
    const wrong = embeddings.pictures.filter((_, at) => swapped[at] !== truth[at]).map(({ picture }) => picture.name);
    const suspected = await namesOf('suspected-label', swapped, seed);
    const right = wrong.filter((name) => suspected.has(name)).length;
    swaps += wrong.length;
    found += right;
    falseAlarms += suspected.size - right;
    showProgress(i + 1, seeds.length);
  }
  const [share, alarms] = [found / swaps, falseAlarms / swaps];
  const name = `${what} with ${bundle.manifest.name}`;
  const isThere = embeddings.pictures.some(({ picture }) => picture.name === NOT_FOUND);
  return {
    figures: `${name}: ${percent(share)} found, ${alarms.toFixed(2)} false alarms a swap, ${outliers.size} outliers`,
    violations: [
      ...(share >= LEAST_FOUND ? [] : [`${name}: only ${percent(share)} of the swapped labels are found`]),
      ...(alarms <= MOST_FALSE_ALARMS ? [] : [`${name}: ${alarms.toFixed(2)} false alarms for each swapped label`]),
      ...(isThere && !outliers.has(NOT_FOUND) ? [`${name}: ${NOT_FOUND} is not pointed out`] : []),
    ],
  };
}

/** Each gets one of the other classes. */
function swap(truth: Int32Array, classes: number, seed: number): Int32Array {
  const random = createRandom('swap', seed);
  const labels = truth.slice();
  for (const i of random.shuffled(truth.keys()).slice(0, Math.round(truth.length * SWAPPED)))
    labels[i] = ((labels[i] as number) + 1 + random.below(classes - 1)) % classes;
  return labels;
}

async function kinds(): Promise<Dataset> {
  const classes = [...KINDS, OTHER].map((label) => ({ label, zh: label }));
  const pictures: OwnPicture[] = [];
  for (const set of ['calibration', 'eval/val20', 'eval/samples20']) {
    const list = JSON.parse(await readFile(path.join(shared, `${set}.json`), 'utf8')) as {
      file: string;
      class: number;
    }[];
    for (const { file, class: index } of list) {
      const isIn = (kind: string) => imagenet1k.categories.find(({ key }) => key === kind)?.members.includes(index);
      const label = KINDS.findIndex(isIn);
      pictures.push({
        path: path.join(shared, set, file),
        name: `${set}/${file}`,
        label: label < 0 ? KINDS.length : label,
      });
    }
  }
  return { source: 'photographs of ImageNet', title: 'photographs of ImageNet', classes, pictures, others: [] };
}
