/** What shrinking large JPEGs while they are decoded saves and changes: photographs enlarged to 12 megapixels. */
import sharp from 'sharp';
import { type Classifier, createClassifier } from '#kaiyan/classification/classifier.js';
import { median } from '#kaiyan/statistics.js';
import { shared, withoutShared } from '../tests/support/requirements.js';
import { photographs } from './support/files.js';
import { prove, showProgress } from './support/proof.js';

const MEGAPIXELS = 12;
const LEAST_AGREEMENT = 0.95;
const CLASSES = 1000;

interface Compared {
  readonly agree: boolean;
  /** Total variation between both answers, 0..1. */
  readonly distance: number;
  readonly exactMs: number;
  readonly shrunkMs: number;
}

await prove('shrink', withoutShared(), async ({ short }) => {
  const chosen = photographs()
    .filter((file) => file.startsWith(`${shared}/eval`))
    .slice(0, short ? 8 : undefined);
  const options = { workers: 1, precision: 'int8' } as const;
  const exact = await createClassifier(options);
  const shrinking = await createClassifier({ ...options, shrinkOnLoad: true });
  const compared: Compared[] = [];
  for (const file of chosen) {
    compared.push(await compare(exact, shrinking, await enlarge(file)));
    showProgress(compared.length, chosen.length);
  }
  await Promise.all([exact.close(), shrinking.close()]);

  const agreement = compared.filter(({ agree }) => agree).length / compared.length;
  const distance = compared.reduce((sum, { distance }) => sum + distance, 0) / compared.length;
  const [exactMs, shrunkMs] = [median(compared.map((c) => c.exactMs)), median(compared.map((c) => c.shrunkMs))];
  const figures = [
    `${compared.length} photographs of ${MEGAPIXELS} megapixels: ${exactMs.toFixed(0)} ms each, shrunk ${shrunkMs.toFixed(0)} ms (${(exactMs / shrunkMs).toFixed(1)} times as fast)`,
    `the same class for ${(agreement * 100).toFixed(1)} % (bound ${LEAST_AGREEMENT * 100} %), mean distance of the answers ${distance.toFixed(3)}`,
  ];
  return {
    figures: figures.join('; '),
    violations: agreement >= LEAST_AGREEMENT ? [] : [`only ${(agreement * 100).toFixed(1)} % keep their class`],
  };
});

async function enlarge(file: string): Promise<Buffer> {
  const { width, height } = await sharp(file).metadata();
  const scale = Math.sqrt((MEGAPIXELS * 1e6) / (width * height));
  return sharp(file)
    .resize(Math.round(width * scale), Math.round(height * scale))
    .jpeg({ quality: 90 })
    .toBuffer();
}

async function compare(exact: Classifier, shrinking: Classifier, bytes: Buffer): Promise<Compared> {
  const [one, other] = [
    await exact.classify(bytes, { top: CLASSES }),
    await shrinking.classify(bytes, { top: CLASSES }),
  ];
  const probabilities = new Map(other.predictions.map(({ index, probability }) => [index, probability]));
  const difference = one.predictions.reduce(
    (sum, { index, probability }) => sum + Math.abs(probability - (probabilities.get(index) ?? 0)),
    0,
  );
  return {
    agree: one.predictions[0]?.index === other.predictions[0]?.index,
    distance: difference / 2,
    exactMs: one.timing.totalMs,
    shrunkMs: other.timing.totalMs,
  };
}
