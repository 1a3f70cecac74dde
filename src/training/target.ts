/** What a new model is going to be called, found out before anything is trained. */
import * as v from 'valibot';
import { AppError } from '../errors.js';
import { manifestSchema } from '../models/manifest.js';
import { parseReference, referenceOf } from '../models/reference.js';
import type { Registry } from '../models/registry.js';

export interface Target {
  readonly name: string;
  readonly version: string;
}

/**
 * A version that is there may be the one that an earlier run of the same has installed, where it is `resumed`.
 * @throws AppError USAGE for what is no name, MODEL_EXISTS for a version that is there, or a model that comes with Kaiyan
 */
export async function targetFor(registry: Registry, output: string, resumed: boolean): Promise<Target> {
  const { name, version: given } = parseReference(output);
  const version = given ?? (await registry.nextVersion(name));
  for (const [part, text] of [
    ['name', name],
    ['version', version],
  ] as const) {
    const parsed = v.safeParse(manifestSchema.entries[part], text);
    if (!parsed.success) {
      const problem = `Expected the new model to have ${parsed.issues[0].message}, but got "${text}". Name another with --output.`;
      throw new AppError('USAGE', { problem });
    }
  }
  const all = await registry.list();
  // A higher version of what comes with Kaiyan would answer in its place.
  const taken = all.find((one) => one.name === name && (one.embedded || (one.version === version && !resumed)));
  if (taken) throw new AppError('MODEL_EXISTS', { reference: taken.embedded ? name : referenceOf({ name, version }) });
  return { name, version };
}
