/** The heat is where the answer came from: it adds up to the logit, and covering the hottest part costs the answer most. */
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { type Classifier, createClassifier } from '#kaiyan/classification/classifier.js';
import { softmax } from '#kaiyan/classification/predictions.js';
import { settingsTable } from '#kaiyan/config.js';
import { explain } from '#kaiyan/explanation/explain.js';
import { cover } from '#kaiyan/explanation/occlusion.js';
import type { Part } from '#kaiyan/image/geometry.js';
import { refine } from '#kaiyan/image/heat.js';
import type { InputSpec } from '#kaiyan/image/input-spec.js';
import type { Precision } from '#kaiyan/models/manifest.js';
import { shared, withoutShared } from '../tests/support/requirements.js';
import { prove, showProgress } from './support/proof.js';

const SETS = ['val20', 'samples20'];
const MOST_DIFFERENCE = 1e-3;
/** In 8 bits the mean of the feature map and the logits are rounded. */
const MOST_ROUNDED = 0.1;
const LEAST_SHARE = 35 / 40;
/** Windows of a third of each side have a ninth of the area. */
const PARTS = 3;
const SHORT = 12;

await prove('explain', withoutShared(), async ({ short }) => {
  const all = await pictures();
  const chosen = short ? all.filter((_, i) => i % Math.ceil(all.length / SHORT) === 0) : all;
  const parts = [await proveFor('fp32', chosen), await proveFor('int8', chosen)];
  return {
    figures: `${chosen.length} photographs, ${settingsTable.model.fallback}, parts covered with its mean colour: ${parts.map(({ figures }) => figures).join('; ')}`,
    violations: parts.flatMap(({ violations }) => violations),
  };
});

async function pictures(): Promise<string[]> {
  const sets = SETS.map(async (set) => {
    const list = JSON.parse(await readFile(path.join(shared, 'eval', `${set}.json`), 'utf8')) as { file: string }[];
    return list.map(({ file }) => path.join(shared, 'eval', set, file));
  });
  return (await Promise.all(sets)).flat();
}

async function proveFor(precision: Precision, files: readonly string[]) {
  const most = precision === 'fp32' ? MOST_DIFFERENCE : MOST_ROUNDED;
  const classifier = await createClassifier({ precision, workers: 1 });
  const least = Math.floor(LEAST_SHARE * files.length);
  let difference = 0;
  let hotter = 0;
  for (const [i, file] of files.entries()) {
    const shown = await look(classifier, await readFile(file));
    difference = Math.max(difference, shown.difference);
    if (shown.hottestDrop > shown.coldestDrop) hotter += 1;
    showProgress(i + 1, files.length);
  }
  await classifier.close();
  return {
    figures: [
      `${precision}: the mean of the grid is within ${difference.toExponential(1)} of the logit less the bias (bound ${most})`,
      `covering the hottest ninth lowers the probability more than the coldest on ${hotter} of ${files.length} (bound ${least})`,
    ].join(', '),
    violations: [
      ...(difference <= most ? [] : [`${precision}: a grid's mean is ${difference} away from the logit less the bias`]),
      ...(hotter >= least ? [] : [`${precision}: hotter on ${hotter} of ${files.length} only`]),
    ],
  };
}

async function look(classifier: Classifier, bytes: Uint8Array) {
  const { grid, class: explained } = await explain(classifier, bytes);
  const mean = grid.values.reduce((sum, value) => sum + value, 0) / grid.values.length;
  const drops = await classifier.inspect(bytes, { outputs: [] }, async ({ crop, bundle, logits, runCrop }) => {
    const { input, temperature } = bundle.manifest;
    const probability = (found: Float32Array) => softmax(found, temperature)[explained.index] as number;
    const without = async (part: Part) => probability((await runCrop(cover(crop, input, part))).logits);
    const { hottest, coldest } = extremes(refine(grid, input.width, input.height), input);
    const whole = probability(logits);
    return { hottestDrop: whole - (await without(hottest)), coldestDrop: whole - (await without(coldest)) };
  });
  return { difference: Math.abs(mean - (explained.logit - (explained.bias ?? Number.NaN))), ...drops };
}

/** The windows with the most and the least heat, of all places that there are. */
function extremes(heat: Float64Array, spec: InputSpec): { hottest: Part; coldest: Part } {
  const [width, height] = [Math.round(spec.width / PARTS), Math.round(spec.height / PARTS)];
  const sums = summed(heat, spec);
  const sumAt = (x: number, y: number) => sums[y * (spec.width + 1) + x] as number;
  let hottest = { x: 0, y: 0, heat: -Infinity };
  let coldest = { x: 0, y: 0, heat: Infinity };
  for (let y = 0; y + height <= spec.height; y++) {
    for (let x = 0; x + width <= spec.width; x++) {
      const inside = sumAt(x + width, y + height) - sumAt(x, y + height) - sumAt(x + width, y) + sumAt(x, y);
      if (inside > hottest.heat) hottest = { x, y, heat: inside };
      if (inside < coldest.heat) coldest = { x, y, heat: inside };
    }
  }
  return { hottest: { ...hottest, width, height }, coldest: { ...coldest, width, height } };
}

/** Of all that is above and to the left of each corner of a pixel. */
function summed(heat: Float64Array, { width, height }: InputSpec): Float64Array {
  const sums = new Float64Array((width + 1) * (height + 1));
  for (let y = 0; y < height; y++) {
    let row = 0;
    for (let x = 0; x < width; x++) {
      row += heat[y * width + x] as number;
      sums[(y + 1) * (width + 1) + x + 1] = (sums[y * (width + 1) + x + 1] as number) + row;
    }
  }
  return sums;
}
