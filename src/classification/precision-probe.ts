/**
 * The child process behind `precision.ts`: runs both precisions on views of the example pictures and sends what it saw.
 * A process of its own, so that its memory and its load go away with it.
 */
import { readFile } from 'node:fs/promises';
import { settingsWith } from '../config.js';
import { createDecoder } from '../image/decode.js';
import { decodeOptions } from '../image/decode-options.js';
import { dedicateProcess } from '../image/dedicate.js';
import { channelsOf, type DecodedImage, type InputSpec } from '../image/input-spec.js';
import { createPreprocessor } from '../image/preprocess.js';
import { type ModelFile, openSession } from '../inference/session.js';
import type { Precision } from '../models/manifest.js';
import { median } from '../statistics.js';
import type { Measurement } from './precision.js';
import { softmax, topK } from './predictions.js';

export interface ProbeSetup {
  readonly int8: ModelFile;
  readonly fp32: ModelFile;
  readonly spec: InputSpec;
  readonly temperature: number;
}

const EXAMPLES = new URL('../../examples/pictures/', import.meta.url);
/** Always these, so that a verdict does not change with what else is there. */
const PICTURES = ['alps.jpg', 'chelsea.png', 'coffee.png'];

async function measure({ int8, fp32, spec, temperature }: ProbeSetup): Promise<Measurement> {
  const preprocessor = await createPreprocessor(spec);
  const sessions = { int8: await openSession(int8, 1), fp32: await openSession(fp32, 1) };
  const times = { int8: [] as number[], fp32: [] as number[] };
  let agreed = 0;
  let distance = 0;
  let views = 0;
  for (const view of await exampleViews()) {
    const tensor = preprocessor.tensor(view);
    const answers: Record<Precision, Float64Array> = { int8: new Float64Array(), fp32: new Float64Array() };
    for (const precision of ['int8', 'fp32'] as const) {
      const begun = performance.now();
      const logits = await sessions[precision].logits(tensor);
      times[precision].push(performance.now() - begun);
      answers[precision] = softmax(logits, temperature);
    }
    views += 1;
    agreed += topK(answers.int8, 1)[0] === topK(answers.fp32, 1)[0] ? 1 : 0;
    distance += answers.int8.reduce((sum, value, i) => sum + Math.abs(value - (answers.fp32[i] as number)), 0) / 2;
  }
  return {
    int8Ms: median(times.int8),
    fp32Ms: median(times.fp32),
    agreement: agreed / views,
    distance: distance / views,
  };
}

/** Each of the pictures whole, and cut to each of its corners and its middle at three sizes. */
async function exampleViews(): Promise<DecodedImage[]> {
  const decoder = createDecoder(decodeOptions(settingsWith({}), 1));
  const views: DecodedImage[] = [];
  for (const name of PICTURES) {
    const image = await decoder.decode(await readFile(new URL(name, EXAMPLES)));
    views.push(image);
    for (const share of [0.85, 0.7, 0.55]) {
      for (const [x, y] of [
        [0, 0],
        [1, 0],
        [0, 1],
        [1, 1],
        [0.5, 0.5],
      ] as const)
        views.push(cut(image, share, x, y));
    }
    image.release();
  }
  await decoder.close();
  return views;
}

/** A part of a picture: `share` of each side, from `x`, `y` (0 left or top, 1 right or bottom). */
function cut(image: DecodedImage, share: number, x: number, y: number): DecodedImage {
  const channels = channelsOf(image.layout);
  const [width, height] = [Math.round(image.width * share), Math.round(image.height * share)];
  const [left, top] = [Math.round((image.width - width) * x), Math.round((image.height - height) * y)];
  const data = new Uint8Array(width * height * channels);
  for (let row = 0; row < height; row++) {
    const from = ((top + row) * image.width + left) * channels;
    data.set(image.data.subarray(from, from + width * channels), row * width * channels);
  }
  return { width, height, layout: image.layout, data };
}

dedicateProcess();
process.once('message', async (setup) => {
  process.send?.(await measure(setup as ProbeSetup), undefined, undefined, () => process.disconnect());
});
