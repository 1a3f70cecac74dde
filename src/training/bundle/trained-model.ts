/** A bundle from what was trained: first a draft, which can be tried like any model, then installed all at once. */
import { copyFile, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import type { OwnClass } from '../../dataset/dataset.js';
import { makeFolder } from '../../folders.js';
import { sha256Of } from '../../hashes.js';
import { readVerified } from '../../inference/session.js';
import { type Bundle, modelFile, openBundle, parseManifest, precisionsOf } from '../../models/bundle.js';
import { MANIFEST } from '../../models/locate.js';
import type { Manifest, Precision, TrainingRecord } from '../../models/manifest.js';
import { referenceOf } from '../../models/reference.js';
import type { Registry } from '../../models/registry.js';
import { copyTrainedWith, writeTrainedWith } from '../../models/trained-with.js';
import { parseModel, serializeModel } from '../../onnx/model-file.js';
import type { LinearHead } from '../head/linear-head.js';
import { embeddingOf } from './embedding.js';
import { replaceHead, replaceWeights } from './replace-head.js';

export interface TrainedModel {
  readonly name: string;
  readonly version: string;
  readonly head: LinearHead;
  readonly classes: readonly OwnClass[];
  /** Instead of those of the classes, where these are the ones that the base has. */
  readonly labels?: Manifest['labels'] | undefined;
  readonly temperature: number;
  /** Constants of the FP32 graph that were trained too, by their names. */
  readonly weights?: ReadonlyMap<string, Float32Array> | undefined;
  readonly record: TrainingRecord;
  /** The SHA-256 of each picture that it has learned from. */
  readonly learned: readonly string[];
}

/**
 * Writes the bundle into `folder`, which has what was there replaced. Where the last layer alone is new, an INT8 file of the base
 * gets it too; else there is FP32 alone.
 * @throws AppError PRECISION_UNAVAILABLE, MODEL_DAMAGED, MODEL_INVALID
 */
export async function draftModel(base: Bundle, trained: TrainedModel, folder: string): Promise<Bundle> {
  const { weights = new Map<string, Float32Array>() } = trained;
  const precisions = precisionsOf(base).filter((precision) => precision === 'fp32' || weights.size === 0);
  await rm(folder, { recursive: true, force: true });
  await makeFolder(folder);
  const { licenseFile, output } = base.manifest;
  if (licenseFile !== undefined) await copyFile(path.join(base.folder, licenseFile), path.join(folder, licenseFile));
  await writeTrainedWith(folder, trained.learned, base);
  const files: Manifest['files'] = [];
  let embedding = output.embedding;
  for (const precision of precisions.sort()) {
    const file = modelFile(base, precision);
    const model = parseModel(await readVerified(file), file.path);
    embedding ??= embeddingOf(model, output, file.path).name;
    if (precision === 'fp32') replaceWeights(model, weights, file.path);
    const others = output.featureMap === undefined ? [] : [output.featureMap];
    replaceHead(model, { head: trained.head, embedding, logits: output.logits, others });
    files.push(await writeModel(folder, precision, serializeModel(model)));
  }
  return writeDraft(folder, manifestOf(base, trained, { ...output, embedding }, files));
}

/** The draft with another INT8 file. */
export async function withInt8(
  { folder, manifest }: Bundle,
  bytes: Uint8Array,
  quantization: Manifest['quantization'],
): Promise<Bundle> {
  const files = manifest.files.filter(({ precision }) => precision !== 'int8');
  return writeDraft(folder, { ...manifest, quantization, files: [...files, await writeModel(folder, 'int8', bytes)] });
}

/** The draft without INT8. */
export const withoutInt8 = ({ folder, manifest }: Bundle): Promise<Bundle> =>
  writeDraft(folder, {
    ...manifest,
    quantization: undefined,
    files: manifest.files.filter(({ precision }) => precision !== 'int8'),
  });

/** The draft under another version. */
export const withVersion = ({ folder, manifest }: Bundle, version: string): Promise<Bundle> =>
  writeDraft(folder, { ...manifest, version });

/** Installs a draft, with what was found out about it. @throws AppError what the registry's `install` throws */
export function installDraft(
  registry: Registry,
  { folder, manifest }: Bundle,
  found: Pick<Manifest, 'metrics' | 'training'>,
): Promise<Bundle> {
  const { licenseFile, files } = manifest;
  const names = [...files.map(({ path: name }) => name), ...(licenseFile === undefined ? [] : [licenseFile])];
  return registry.install({ ...manifest, ...found }, async (place) => {
    for (const name of names) await copyFile(path.join(folder, name), path.join(place, name));
    await copyTrainedWith(folder, place);
  });
}

async function writeModel(folder: string, precision: Precision, bytes: Uint8Array): Promise<Manifest['files'][number]> {
  const name = `model.${precision}.onnx`;
  await writeFile(path.join(folder, name), bytes);
  return { precision, path: name, bytes: bytes.length, sha256: sha256Of(bytes) };
}

async function writeDraft(folder: string, manifest: Manifest): Promise<Bundle> {
  await writeFile(path.join(folder, MANIFEST), JSON.stringify(parseManifest(manifest, 'the manifest')));
  return openBundle(folder);
}

function manifestOf(
  base: Bundle,
  { name, version, head, classes, labels: given, temperature, record }: TrainedModel,
  output: Manifest['output'],
  files: Manifest['files'],
): Manifest {
  const { manifest, labels } = base;
  const { license, licenseFile, architecture, input, parameters } = manifest;
  const replaced = labels.classes.length - head.classes;
  const own = parameters === undefined ? undefined : parameters - replaced * (head.dimensions + 1);
  return {
    ...{ name, version, license, input, output, temperature, files, metrics: [] },
    ...(licenseFile === undefined ? {} : { licenseFile }),
    ...(architecture === undefined ? {} : { architecture }),
    ...(own === undefined || own < 1 ? {} : { parameters: own }),
    source: { model: referenceOf(manifest), sha256: modelFile(base, 'fp32').sha256 },
    labels: given ?? classes.map(({ label, zh }) => ({ en: label, zh })),
    training: record,
  };
}
