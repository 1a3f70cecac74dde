/** Takes an ONNX classifier that somebody else built, as it is, and puts it into the registry. */
import { readFile, stat } from 'node:fs/promises';
import path from 'node:path';
import { AppError } from '../errors.js';
import { sha256Of } from '../hashes.js';
import type { InputSpec } from '../image/input-spec.js';
import { dropSoftmax, type Interface, readInterface } from '../onnx/interface.js';
import { parseModel, serializeModel } from '../onnx/model-file.js';
import type { Bundle } from './bundle.js';
import type { Description } from './describe.js';
import type { ImportOptions } from './import-checkpoint.js';
import { installModel } from './install-model.js';
import type { Registry } from './registry.js';

const NAME = /[^a-z0-9._-]+/g;

/**
 * The model is named after its file, if the description has no name. One that ends in a softmax loses it: answers are made
 * from logits.
 * @throws AppError FILE_UNREADABLE, MODEL_INVALID, DESCRIPTION_INVALID, and what `installModel` throws
 */
export async function addOnnx(
  file: string,
  description: Description & { readonly input: InputSpec },
  registry: Registry,
  { replace }: ImportOptions = {},
): Promise<Bundle> {
  const original = await readModelFile(file);
  const model = parseModel(original, file);
  const face = readInterface(model, file, description.output?.logits);
  const shortened = dropSoftmax(model, face.logits);
  const bytes = shortened === undefined ? original : serializeModel(model);
  const output = { ...description.output, logits: shortened ?? face.logits };
  requireSize(face, description.input, file);
  const base = path
    .basename(file, path.extname(file))
    .toLowerCase()
    .replace(NAME, '-')
    .replace(/^[^a-z0-9]+/, '');
  return installModel(registry, {
    description: { ...description, name: description.name ?? (base || 'model') },
    bytes,
    precision: face.quantized ? 'int8' : 'fp32',
    inputName: face.input,
    output,
    source: description.source ?? { file: path.basename(file) },
    sha256: sha256Of(original),
    replace,
  });
}

async function readModelFile(file: string): Promise<Buffer> {
  try {
    // A device may never end.
    if (!(await stat(file)).isFile()) throw new Error('it is not a file');
    return await readFile(file);
  } catch (error) {
    throw new AppError('FILE_UNREADABLE', { path: file, reason: (error as Error).message }, { cause: error });
  }
}

function requireSize({ height, width }: Interface, input: InputSpec, file: string): void {
  if ((height ?? input.height) === input.height && (width ?? input.width) === input.width) return;
  throw new AppError('DESCRIPTION_INVALID', {
    path: `the size of the input of ${file}`,
    expected: `${width}×${height}, as the model has it`,
    found: `${input.width}×${input.height}`,
  });
}
