/** `kaiyan models import` and `kaiyan models add`: models from files. */
import type { Configuration } from '../../config.js';
import { AppError } from '../../errors.js';
import type { Bundle } from '../../models/bundle.js';
import { type Description, readLabels, readSpec } from '../../models/describe.js';
import { inputLike } from '../../models/input-like.js';
import { parseReference, referenceOf } from '../../models/reference.js';
import { createRegistry, type Registry } from '../../models/registry.js';
import { catchInterrupt } from '../interrupt.js';
import { visible } from '../output.js';

export interface DescriptionFlags {
  readonly name?: string | undefined;
  readonly labels?: string | undefined;
  readonly like?: string | undefined;
  readonly spec?: string | undefined;
  readonly replace: boolean;
}

/** @throws AppError as `importCheckpoint` does */
export async function importModel(file: string, { settings }: Configuration, flags: DescriptionFlags): Promise<void> {
  const signal = catchInterrupt();
  const registry = createRegistry(settings.home);
  const { importCheckpoint } = await import('../../models/import-checkpoint.js');
  const { replace } = flags;
  const bundle = await importCheckpoint(file, await describe(flags, registry), registry, { signal, replace });
  await report(bundle, registry);
}

/** @throws AppError as `addOnnx` does, and USAGE if nothing says what its input is */
export async function addModel(file: string, { settings }: Configuration, flags: DescriptionFlags): Promise<void> {
  const registry = createRegistry(settings.home);
  const { input, ...description } = await describe(flags, registry);
  if (!input) {
    const problem =
      'Expected to be told how the model wants its pictures: --like MODEL, as another model does, or --spec FILE with its "input".';
    throw new AppError('USAGE', { problem });
  }
  const { addOnnx } = await import('../../models/add-onnx.js');
  await report(await addOnnx(file, { ...description, input }, registry, { replace: flags.replace }), registry);
}

async function describe(flags: DescriptionFlags, registry: Registry): Promise<Description> {
  const spec = flags.spec === undefined ? {} : await readSpec(flags.spec);
  return {
    ...spec,
    ...(flags.name !== undefined && parseReference(flags.name)),
    ...(flags.like !== undefined && { input: await inputLike(flags.like, registry) }),
    ...(flags.labels !== undefined && { labels: await readLabels(flags.labels) }),
  };
}

export async function report({ manifest, labels, folder }: Bundle, registry: Registry): Promise<void> {
  const { architecture, parameters, files, source } = manifest;
  const what = [
    ...(architecture ? [architecture] : []),
    ...(parameters ? [`${parameters.toLocaleString('en')} parameters`] : []),
    `${labels.classes.length} classes`,
    ...files.map(({ precision, bytes }) => `${precision.toUpperCase()} ${(bytes / 1e6).toFixed(1)} MB`),
  ];
  const { name, version } = manifest;
  const versions = (await registry.list()).filter((one) => one.name === name);
  const lines = [
    `Installed ${referenceOf(manifest)}: ${what.join(', ')}.`,
    `From ${source.file ?? source.url ?? source.package} (SHA-256 ${source.sha256}), in ${folder}.`,
    ...(versions.length > 1
      ? [`${name} alone means ${referenceOf({ name, version: versions[0]?.version ?? version })}.`]
      : []),
    `Try it: kaiyan classify PICTURE --model ${referenceOf(manifest)}`,
  ];
  process.stdout.write(`${lines.map(visible).join('\n')}\n`);
}
