/** From a checkpoint to an installed model: reads it, builds its graph, tries it, and puts it into the registry. */
import path from 'node:path';
import { AppError } from '../errors.js';
import { serializeModel } from '../onnx/model-file.js';
import { buildModel } from './architectures/build-model.js';
import type { Bundle } from './bundle.js';
import { readCheckpoint } from './checkpoints/checkpoint.js';
import type { Description } from './describe.js';
import { installModel } from './install-model.js';
import type { Registry } from './registry.js';

export interface ImportOptions {
  readonly signal?: AbortSignal | undefined;
  readonly replace?: boolean | undefined;
}

/**
 * The model is named after its architecture, if the description has no name.
 * @throws AppError what `readCheckpoint`, `buildModel` and `installModel` throw
 */
export async function importCheckpoint(
  file: string,
  description: Description,
  registry: Registry,
  { signal, replace }: ImportOptions = {},
): Promise<Bundle> {
  const checkpoint = await readCheckpoint(file, signal && { signal });
  signal?.throwIfAborted();
  const side = squareSide(description, file);
  const { architecture, parameters, model } = buildModel(checkpoint.tensors, file, side);
  const name = description.name ?? architecture.name;
  return installModel(registry, {
    description: { ...description, name, input: description.input ?? architecture.input },
    architecture: architecture.name,
    parameters,
    bytes: serializeModel(model),
    precision: 'fp32',
    inputName: 'input',
    output: { logits: 'logits', embedding: 'embedding', featureMap: 'feature_map' },
    source: description.source ?? { file: path.basename(file) },
    sha256: checkpoint.sha256,
    replace,
  });
}

/** These networks are built for square pictures. */
function squareSide({ input }: Description, file: string): number | undefined {
  if (!input || input.width === input.height) return input?.width;
  const found = `${input.width}×${input.height}`;
  throw new AppError('DESCRIPTION_INVALID', { path: `the input of ${file}`, expected: 'square', found });
}
