/** `kaiyan models`: what is installed, what it is, and whether it is still what it was. */
import type { Configuration } from '../../config.js';
import { AppError } from '../../errors.js';
import { digestOf, modelFile, verifyBundle } from '../../models/bundle.js';
import type { Manifest, Quantization } from '../../models/manifest.js';
import { createRegistry } from '../../models/registry.js';
import { percent, reportError, table, visible } from '../output.js';

export async function listModels({ settings }: Configuration, json: boolean): Promise<void> {
  const registry = createRegistry(settings.home);
  const all = await registry.list();
  const byDefault = await registry.locate(settings.model).catch(() => undefined);
  const opened = await Promise.allSettled(
    all.map(async (located) => ({ located, bundle: await registry.open(located.reference) })),
  );
  const models = opened
    .flatMap((result) => (result.status === 'fulfilled' ? [result.value] : []))
    .map(({ located, bundle }) => {
      const { manifest, labels } = bundle;
      const { name, version, license, files, input, metrics } = manifest;
      return {
        name,
        version,
        reference: located.reference,
        default: located.folder === byDefault?.folder,
        embedded: located.embedded,
        input: `${input.width}×${input.height}`,
        classes: labels.classes.length,
        top1: metrics[0]?.top1 ?? null,
        metrics,
        license,
        files: files.map(({ precision, bytes }) => ({
          precision,
          bytes,
          digest: digestOf(modelFile(bundle, precision)),
        })),
      };
    });
  reportBroken(opened);
  if (json) return void process.stdout.write(`${JSON.stringify(models, null, 2)}\n`);
  const notes: string[] = [];
  const rows = models.flatMap((model) =>
    model.files.map(({ precision, bytes, digest }) => [
      `${model.name}${model.default ? ' *' : ''}`,
      model.version,
      precision,
      `${(bytes / 1e6).toFixed(1)} MB`,
      model.input,
      String(model.classes),
      top1InWords(model.metrics.find((metric) => metric.precision === precision) ?? model.metrics[0], notes),
      model.license,
      digest,
    ]),
  );
  const header = ['MODEL', 'VERSION', 'PRECISION', 'SIZE', 'INPUT', 'CLASSES', 'TOP-1', 'LICENCE', 'DIGEST'];
  const legend = notes.map((note, i) => `TOP-1 ${markOf(i)}: ${note}.`);
  process.stdout.write(
    `${table([header, ...rows])}\n\n${['* answers by default.', ...legend].map(visible).join('\n')}\n`,
  );
}

type Metric = Manifest['metrics'][number];

/** Of the file itself, if it is known, else of the model in another precision; the mark leads to the note that says which. */
function top1InWords(metric: Metric | undefined, notes: string[]): string {
  if (!metric) return '';
  const { precision, top1, on, source } = metric;
  const note = `of ${precision}, on ${on}, ${source}`;
  if (!notes.includes(note)) notes.push(note);
  return `${top1} % ${markOf(notes.indexOf(note))}`;
}

const markOf = (note: number): string => `(${note + 1})`;

export async function showModel(name: string, { settings }: Configuration, json: boolean): Promise<void> {
  const { manifest, folder } = await createRegistry(settings.home).open(name);
  if (json) return void process.stdout.write(`${JSON.stringify(manifest, null, 2)}\n`);
  const { input, source } = manifest;
  const rows = [
    ['name', manifest.name],
    ['version', manifest.version],
    ['licence', manifest.license],
    ['source', `${source.package ?? source.url ?? source.file ?? source.model} (SHA-256 ${source.sha256})`],
    ...(source.note ? [['', source.note]] : []),
    ['input', `${input.width}×${input.height}, short side ${input.resize.shortSide}, ${input.resize.filter}`],
    ['mean, std', `${input.mean.join(', ')}; ${input.std.join(', ')} (pixel values 0..255)`],
    ['labels', describeLabels(manifest.labels)],
    ['temperature', String(manifest.temperature)],
    ...(manifest.architecture ? [['network', manifest.architecture]] : []),
    ...(manifest.parameters ? [['parameters', manifest.parameters.toLocaleString('en')]] : []),
    ...manifest.metrics.map(({ precision, top1, top5, on, source: from }) => [
      'accuracy',
      `${precision}: top-1 ${top1} %${top5 === undefined ? '' : `, top-5 ${top5} %`} on ${on} (${from})`,
    ]),
    ...(manifest.quantization ? [['INT8', describeQuantization(manifest.quantization)]] : []),
    ...manifest.files.map(({ precision, path, bytes, sha256 }) => [
      'file',
      `${precision}: ${path}, ${bytes} bytes, SHA-256 ${sha256}`,
    ]),
    ['folder', folder],
  ];
  process.stdout.write(`${table(rows)}\n`);
}

function describeLabels(labels: Manifest['labels']): string {
  if (typeof labels === 'string') return labels;
  return 'base' in labels ? `${labels.base} and ${labels.more.length} of its own` : `${labels.length} of its own`;
}

function describeQuantization({ agreement, pictures, samples, weightBits, excluded }: Quantization): string {
  const exact = excluded.length > 0 ? `, without ${excluded.join(', ')}` : '';
  return `agrees with FP32 on ${percent(agreement)} of ${pictures} pictures; ${samples} calibrated it, weights of ${weightBits} bits${exact}`;
}

/** Checks all, whatever is wrong with one, and reports each that is not what its manifest says. */
export async function verifyModels(
  name: string | undefined,
  { settings }: Configuration,
  json: boolean,
): Promise<void> {
  const registry = createRegistry(settings.home);
  const names = name === undefined ? await registry.names() : [name];
  const checked = await Promise.allSettled(names.map(async (model) => verifyBundle(await registry.open(model))));
  const files = checked.flatMap((result) => (result.status === 'fulfilled' ? result.value : []));
  reportBroken(checked);
  for (const file of files.filter(({ ok }) => !ok)) reportError(new AppError('MODEL_DAMAGED', file));
  if (json) return void process.stdout.write(`${JSON.stringify(files, null, 2)}\n`);
  const rows = files.map(({ path, found, ok }) => [ok ? 'ok' : 'DAMAGED', path, found]);
  if (rows.length > 0) process.stdout.write(`${table(rows)}\n`);
}

/** A broken model does not hide the others, but the exit status says that there is one. */
function reportBroken(results: readonly PromiseSettledResult<unknown>[]): void {
  for (const result of results) {
    if (result.status === 'rejected') reportError(result.reason);
  }
}
