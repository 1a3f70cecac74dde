/** The preprocessing of a model by its name: one that is installed, or an architecture that Kaiyan knows. */
import { AppError } from '../errors.js';
import type { InputSpec } from '../image/input-spec.js';
import { architectures } from './architectures/build-model.js';
import type { Registry } from './registry.js';

/** @throws AppError MODEL_NOT_FOUND, MODEL_INVALID */
export async function inputLike(reference: string, registry: Registry): Promise<InputSpec> {
  const known = architectures.find(({ name }) => name === reference);
  const installed = await registry.locate(reference).catch(() => undefined);
  if (installed) {
    const { name: _name, ...input } = (await registry.open(reference)).manifest.input;
    return input;
  }
  if (known) return known.input;
  const names = [...(await registry.names()), ...architectures.map(({ name }) => name)];
  throw new AppError('MODEL_NOT_FOUND', { name: reference, known: [...new Set(names)].join(', ') });
}
