/** Imported weights answer as their reference does, and in 8 bits nearly so, in a fraction of the time. */
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { settingsWith } from '#kaiyan/config.js';
import { findLabelledPictures, type LabelledPicture } from '#kaiyan/dataset/labelled-pictures.js';
import { modelInputs } from '#kaiyan/dataset/model-inputs.js';
import { type GraphSession, openGraph } from '#kaiyan/inference/graph-session.js';
import { describeCpu } from '#kaiyan/inference/machine.js';
import { readVerified } from '#kaiyan/inference/session.js';
import { type Bundle, modelFile, openBundle } from '#kaiyan/models/bundle.js';
import { importCheckpoint } from '#kaiyan/models/import-checkpoint.js';
import { createRegistry } from '#kaiyan/models/registry.js';
import { quantizeModel } from '#kaiyan/quantization/quantize-model.js';
import { embedded } from '../tests/support/bundles.js';
import { shared, withoutShared } from '../tests/support/requirements.js';
import { type ProofResult, prove, showProgress } from './support/proof.js';

const MOST_IMPORT_SECONDS = 5;
const LEAST_AGREEMENT = 0.95;
/** On a CPU that multiplies 8-bit numbers natively. */
const LEAST_SPEEDUP = 2;
const SETS = ['val20', 'samples20'];

const settings = settingsWith({});
const never = new AbortController().signal;

const percent = (share: number) => `${(share * 100).toFixed(1)} %`;

await prove('quantization', withoutShared(), async ({ short }) => {
  const home = await mkdtemp(path.join(os.tmpdir(), 'kaiyan-quantization-'));
  try {
    const pictures = await labelled();
    const parts = [await residual(home, pictures, short), await lite(home, pictures, short)];
    return {
      figures: parts.map(({ figures }) => figures).join('; '),
      violations: parts.flatMap(({ violations }) => violations),
    };
  } finally {
    await rm(home, { recursive: true, force: true });
  }
});

/** The 40 photographs with their classes. */
async function labelled(): Promise<LabelledPicture[]> {
  const lists = await Promise.all(
    SETS.map(async (set) => {
      const list = JSON.parse(await readFile(path.join(shared, `eval/${set}.json`), 'utf8')) as {
        file: string;
        class: number;
      }[];
      return list.map(({ file, class: truth }) => ({ path: path.join(shared, 'eval', set, file), truth }));
    }),
  );
  return lists.flat();
}

/** ResNet-18: the time to import it, and its INT8 against its FP32. */
async function residual(home: string, pictures: readonly LabelledPicture[], short: boolean): Promise<ProofResult> {
  const begun = performance.now();
  const bundle = await importCheckpoint(path.join(shared, 'models/resnet18-standin.pth'), {}, createRegistry(home));
  const seconds = (performance.now() - begun) / 1000;
  const { bytes, report } = await quantize(bundle, short);
  const fp32 = await bestClasses(bundle, await readVerified(modelFile(bundle, 'fp32')), pictures);
  const int8 = await bestClasses(bundle, bytes, pictures);
  const agreed = fp32.filter((best, i) => best === int8[i]).length / pictures.length;
  const native = describeCpu().fastInt8 === true;
  const heldOut = `${report.pictures} pictures that it was not calibrated with`;
  return {
    figures: [
      `ResNet-18 imported in ${seconds.toFixed(2)} s (bound ${MOST_IMPORT_SECONDS})`,
      `its INT8 agrees with FP32 on ${percent(report.agreement)} of ${heldOut} and ${percent(agreed)} of 40 others (bound ${percent(LEAST_AGREEMENT)})`,
      `and is ${report.speedup} times as fast (bound ${native ? LEAST_SPEEDUP : 'none on this CPU'})`,
    ].join(', '),
    violations: [
      // A short run shows that promises are kept; a time may not fail it.
      ...(short || seconds <= MOST_IMPORT_SECONDS ? [] : [`importing took ${seconds} s`]),
      ...(Math.min(report.agreement, agreed) >= LEAST_AGREEMENT ? [] : ['INT8 of ResNet-18 names other classes']),
      ...(short || !native || report.speedup >= LEAST_SPEEDUP ? [] : [`INT8 is only ${report.speedup} times as fast`]),
    ],
  };
}

/** EfficientNet-Lite0: right answers of its own INT8 against those of the embedded one. */
async function lite(home: string, pictures: readonly LabelledPicture[], short: boolean): Promise<ProofResult> {
  const file = path.join(shared, 'models/efficientnet-lite0-57934424.pth');
  const bundle = await importCheckpoint(file, {}, createRegistry(home));
  const { bytes } = await quantize(bundle, short);
  const own = await openBundle(embedded('efficientnet-lite0'));
  const right = async (model: Uint8Array) =>
    (await bestClasses(bundle, model, pictures)).filter((best, i) => best === pictures[i]?.truth).length;
  const [ours, embeddedRight] = [await right(bytes), await right(await readVerified(modelFile(own, 'int8')))];
  return {
    figures: `EfficientNet-Lite0 quantized: ${ours} of 40 right, the embedded INT8 ${embeddedRight} (bound one less)`,
    violations: ours >= embeddedRight - 1 ? [] : [`quantized anew it has ${ours} right instead of ${embeddedRight}`],
  };
}

async function quantize(bundle: Bundle, short: boolean) {
  const pictures = await findLabelledPictures(path.join(shared, 'calibration'), bundle.labels);
  return quantizeModel(bundle, pictures, {
    settings,
    samples: short ? 64 : 128,
    percentile: 99.999,
    weightBits: 8,
    minAgreement: 0.9,
    signal: never,
    onProgress: ({ done, total }) => showProgress(done, total),
    onUnusable: (file, error) => {
      throw new Error(`${file}: ${error.message}`);
    },
  });
}

async function bestClasses(
  { manifest }: Bundle,
  bytes: Uint8Array,
  pictures: readonly LabelledPicture[],
): Promise<number[]> {
  const { input, output } = manifest;
  const session: GraphSession = await openGraph(bytes, { path: manifest.name, input: input.name, threads: 2 });
  const best: number[] = [];
  for await (const one of modelInputs(pictures, input, settings, never)) {
    if ('error' in one) throw one.error;
    const picture = { dims: [1, 3, input.height, input.width], data: one.tensor };
    const logits = (await session.run(picture, [output.logits])).get(output.logits)?.data ?? new Float32Array();
    best.push(logits.indexOf(Math.max(...logits)));
  }
  await session.release();
  return best;
}
