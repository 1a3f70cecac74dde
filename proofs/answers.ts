/** The default model answers as its reference does, INT8 as FP32, and honestly. */
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { type HonestAnswer, honestAnswer } from '#kaiyan/classification/answer.js';
import { softmax, topK } from '#kaiyan/classification/predictions.js';
import { settingsTable, settingsWith } from '#kaiyan/config.js';
import { createDecoder } from '#kaiyan/image/decode.js';
import { decodeOptions } from '#kaiyan/image/decode-options.js';
import { createPreprocessor } from '#kaiyan/image/preprocess.js';
import { openSession } from '#kaiyan/inference/session.js';
import { type Bundle, modelFile, openBundle } from '#kaiyan/models/bundle.js';
import type { Precision } from '#kaiyan/models/manifest.js';
import { embedded } from '../tests/support/bundles.js';
import { shared, withoutShared } from '../tests/support/requirements.js';
import { prove, showProgress } from './support/proof.js';

const LEAST_AGREEMENT = 0.95;
const MOST_LOGIT_DIFFERENCE = 1e-3;
const LEAST_RIGHT = 0.94;
const MOST_UNSURE = 0.09;

const model = settingsTable.model.fallback;
const SETS = ['eval/val20', 'eval/samples20', 'calibration'];
/** Sets that the reference has logits for. */
const REFERENCE = ['val20', 'samples20'];

interface Labelled {
  readonly set: string;
  readonly file: string;
  /** The index of the true class. */
  readonly class: number;
}

interface Answered {
  readonly picture: Labelled;
  readonly logits: Readonly<Record<Precision, Float32Array>>;
}

await prove('answers', withoutShared(), async () => {
  const bundle = await openBundle(embedded(model));
  const answered = await runAll(bundle, await labelledPictures());
  const parts = [
    agreement(answered),
    await referenceDifference(answered),
    honesty(bundle, answered, 'int8'),
    honesty(bundle, answered, 'fp32'),
  ];
  return {
    figures: `${answered.length} photographs: ${parts.map(({ figures }) => figures).join('; ')}`,
    violations: parts.flatMap(({ violations }) => violations),
  };
});

interface Part {
  readonly figures: string;
  readonly violations: readonly string[];
}

async function labelledPictures(): Promise<Labelled[]> {
  const pictures: Labelled[] = [];
  for (const set of SETS) {
    const list = JSON.parse(await readFile(path.join(shared, `${set}.json`), 'utf8')) as Omit<Labelled, 'set'>[];
    pictures.push(...list.map((picture) => ({ ...picture, set })));
  }
  return pictures;
}

async function runAll(bundle: Bundle, pictures: readonly Labelled[]): Promise<Answered[]> {
  const decoder = createDecoder(decodeOptions(settingsWith({}), 1));
  const preprocessor = await createPreprocessor(bundle.manifest.input);
  const int8 = await openSession(modelFile(bundle, 'int8'), 1);
  const fp32 = await openSession(modelFile(bundle, 'fp32'), 1);
  const answered: Answered[] = [];
  for (const picture of pictures) {
    const image = await decoder.decode(await readFile(path.join(shared, picture.set, picture.file)));
    const tensor = preprocessor.tensor(image);
    image.release();
    const logits = { int8: (await int8.logits(tensor)).slice(), fp32: (await fp32.logits(tensor)).slice() };
    answered.push({ picture, logits });
    showProgress(answered.length, pictures.length);
  }
  await Promise.all([int8.release(), fp32.release(), decoder.close()]);
  return answered;
}

function agreement(answered: readonly Answered[]): Part {
  const agreed = answered.filter(({ logits }) => bestOf(logits.int8) === bestOf(logits.fp32)).length;
  const share = agreed / answered.length;
  return {
    figures: `INT8 names FP32's class for ${percent(share)} (bound ${percent(LEAST_AGREEMENT)})`,
    violations: share >= LEAST_AGREEMENT ? [] : [`INT8 and FP32 agree for ${percent(share)} only`],
  };
}

/** The reference is Pillow's preprocessing and the same model; its files are in sorted order. */
async function referenceDifference(answered: readonly Answered[]): Promise<Part> {
  let largest = 0;
  for (const set of REFERENCE) {
    const bytes = await readFile(path.join(shared, 'golden/pipeline', `${model}.${set}.f32`));
    const expected = new Float32Array(Uint8Array.from(bytes).buffer);
    const found = answered
      .filter(({ picture }) => path.basename(picture.set) === set)
      .sort((a, b) => (a.picture.file < b.picture.file ? -1 : 1))
      .flatMap(({ logits }) => [...logits.fp32]);
    if (found.length !== expected.length) throw new Error(`${set}: ${found.length} logits, not ${expected.length}`);
    largest = found.reduce((most, logit, i) => Math.max(most, Math.abs(logit - (expected[i] as number))), largest);
  }
  return {
    figures: `FP32's logits within ${largest.toExponential(1)} of the reference (bound ${MOST_LOGIT_DIFFERENCE})`,
    violations: largest <= MOST_LOGIT_DIFFERENCE ? [] : [`a logit is ${largest} away from its reference`],
  };
}

/** Answers at the default threshold: how many of those given are right, and how often none is. */
function honesty({ manifest, labels }: Bundle, answered: readonly Answered[], precision: Precision): Part {
  const answers = answered.map(({ picture, logits }) => {
    const probabilities = softmax(logits[precision], manifest.temperature);
    const best = topK(probabilities, 1)[0] as number;
    return { picture, answer: honestAnswer(probabilities, best, labels, settingsTable.threshold.fallback) };
  });
  const given = answers.filter(({ answer }) => answer.level !== 'unsure');
  const right = given.filter(({ picture, answer }) => isRight(answer, picture.class)).length / given.length;
  const unsure = 1 - given.length / answers.length;
  const sizes = answers.flatMap(({ answer }) => (answer.level === 'group' ? [answer.group.members.length] : []));
  const size = sizes.reduce((sum, members) => sum + members, 0) / sizes.length;
  return {
    figures: [
      `${precision}: ${percent(right)} of the answers given are right (bound ${percent(LEAST_RIGHT)})`,
      `${percent(unsure)} unsure (bound ${percent(MOST_UNSURE)})`,
      `${sizes.length} groups of ${size.toFixed(1)} classes on average`,
    ].join(', '),
    violations: [
      ...(right >= LEAST_RIGHT ? [] : [`${precision}: only ${percent(right)} of the answers given are right`]),
      ...(unsure <= MOST_UNSURE ? [] : [`${precision}: ${percent(unsure)} unsure`]),
    ],
  };
}

function isRight(answer: HonestAnswer, truth: number): boolean {
  if (answer.level === 'class') return answer.index === truth;
  return answer.level === 'group' && answer.group.members.includes(truth);
}

function bestOf(logits: Float32Array): number {
  return topK(Float64Array.from(logits), 1)[0] as number;
}

function percent(share: number): string {
  return `${(share * 100).toFixed(1)} %`;
}
