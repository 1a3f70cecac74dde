/** Writes the manifest of a new model with one file, tries the model, and installs it. */
import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { AppError } from '../errors.js';
import { sha256Of } from '../hashes.js';
import type { InputSpec } from '../image/input-spec.js';
import { openGraph } from '../inference/graph-session.js';
import type { Bundle } from './bundle.js';
import type { Description } from './describe.js';
import type { Manifest, Precision, WrittenLabels } from './manifest.js';
import type { Registry } from './registry.js';

export interface NewModel {
  /** Its name and its input are known. */
  readonly description: Description & { readonly name: string; readonly input: InputSpec };
  readonly architecture?: string;
  readonly parameters?: number;
  readonly bytes: Uint8Array;
  readonly precision: Precision;
  readonly inputName: string;
  readonly output: Manifest['output'];
  readonly source: Omit<Manifest['source'], 'sha256'>;
  /** Of the file that the user had. */
  readonly sha256: string;
  readonly replace?: boolean | undefined;
}

const IMAGENET_CLASSES = 1000;

/** @throws AppError LABELS_MISMATCH, MODEL_INVALID if its answers make no sense, and what the registry's `install` throws */
export async function installModel(registry: Registry, model: NewModel): Promise<Bundle> {
  const { description, bytes, precision, output } = model;
  const { name, input } = description;
  const labels = labelsFor(model, await tryModel(model));
  const fileName = `model.${precision}.onnx`;
  const manifest = {
    name,
    version: description.version ?? (await registry.nextVersion(name)),
    license: description.license ?? 'unknown',
    source: { ...model.source, sha256: model.sha256 },
    ...(model.architecture && { architecture: model.architecture }),
    input: { ...input, name: model.inputName, mean: [...input.mean], std: [...input.std] },
    output,
    labels,
    temperature: description.temperature ?? 1,
    ...(model.parameters && { parameters: model.parameters }),
    metrics: description.metrics ?? [],
    files: [{ precision, path: fileName, bytes: bytes.length, sha256: sha256Of(bytes) }],
  } satisfies Manifest;
  const fill = (folder: string) => writeFile(path.join(folder, fileName), bytes);
  return registry.install(manifest, fill, { replace: model.replace === true });
}

function labelsFor({ description: { name, labels } }: NewModel, classes: number): WrittenLabels {
  if (labels === undefined && classes === IMAGENET_CLASSES) return 'imagenet-1k';
  const given = labels === 'imagenet-1k' ? IMAGENET_CLASSES : labels?.length;
  if (labels !== undefined && given === classes) return labels;
  throw new AppError('LABELS_MISMATCH', { name, classes, found: given === undefined ? 'none' : `${given}` });
}

/**
 * One run of a grey picture: weights that are not numbers are found here, and not in somebody's answer. Gives the number
 * of classes, which some graphs leave to the run.
 */
async function tryModel({ description: { name, input }, bytes, inputName, output }: NewModel): Promise<number> {
  const session = await openGraph(bytes, { path: name, input: inputName, threads: 0 });
  try {
    const grey = new Float32Array(3 * input.height * input.width);
    const outputs = Object.values(output).filter((one) => one !== undefined);
    const values = await session.run({ dims: [1, 3, input.height, input.width], data: grey }, outputs);
    const logits = values.get(output.logits);
    const invalid = (reason: string) => new AppError('MODEL_INVALID', { path: name, reason });
    const [, classes, ...more] = logits?.dims ?? [];
    if (!logits || classes === undefined || more.length > 0) {
      const shape = logits?.dims.join('×');
      throw invalid(`its output "${output.logits}" has the shape ${shape} for one picture, not 1×classes`);
    }
    if (!logits.data.every(Number.isFinite)) throw invalid('its answer to a grey picture is not made of numbers');
    if (areProbabilities(logits.data)) {
      throw invalid(`its output "${output.logits}" has probabilities, which add up to 1; name the one with the logits`);
    }
    return classes;
  } finally {
    await session.release();
  }
}

/** No logits that somebody trained are all positive and add up to 1. */
function areProbabilities(values: Float32Array): boolean {
  const sum = values.reduce((total, value) => total + value, 0);
  return values.every((value) => value >= 0) && Math.abs(sum - 1) < 1e-4;
}
