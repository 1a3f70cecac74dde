/** `kaiyan models pull` and `kaiyan models list --available`: the catalogue, and how a model of it comes here. */
import { type Configuration, readSurroundings } from '../../config.js';
import { type CatalogueEntry, catalogue, findEntry } from '../../models/catalogue.js';
import { pull } from '../../models/pull.js';
import { referenceOf } from '../../models/reference.js';
import { createRegistry, type Registry } from '../../models/registry.js';
import { catchInterrupt } from '../interrupt.js';
import { table, visible, writeLine } from '../output.js';
import { createDownloadProgress } from '../progress.js';
import { report } from './install-model.js';

export interface PullFlags {
  /** A file, a folder or an address instead of the official one. */
  readonly from: string | undefined;
  /** Also if it is installed already. */
  readonly force: boolean;
}

/** @throws AppError MODEL_NOT_IN_CATALOGUE, and those of `pull` */
export async function pullModel(
  reference: string,
  { settings }: Configuration,
  { from, force }: PullFlags,
): Promise<void> {
  const entry = findEntry(reference);
  const { home } = settings;
  const registry = createRegistry(home);
  if (!force && (await isInstalled(entry, registry)))
    return writeLine(process.stdout, `${referenceOf(entry)} is installed already; --force installs it again.`);
  const signal = catchInterrupt();
  const progress = createDownloadProgress(`Downloading ${referenceOf(entry)}, about ${megabytes(entry)}.`);
  const onNotice = (notice: string) => {
    progress.hide();
    process.stderr.write(`kaiyan: ${visible(notice)}\n`);
  };
  try {
    const surroundings = readSurroundings();
    const options = { home, from, surroundings, signal, onNotice, onProgress: progress.update };
    const bundle = await pull(entry, registry, options);
    progress.hide();
    await report(bundle, registry);
  } catch (error) {
    progress.hide();
    if (!signal.aborted) throw error;
    onNotice('Stopped. The same command goes on with what has come.');
  }
}

export async function listCatalogue({ settings }: Configuration, json: boolean): Promise<void> {
  const registry = createRegistry(settings.home);
  const entries = await Promise.all(
    catalogue.map(async (entry) => ({ ...entry, installed: await isInstalled(entry, registry) })),
  );
  if (json) return writeLine(process.stdout, JSON.stringify(entries, null, 2));
  const rows = entries.map((entry) => [
    entry.name,
    entry.version,
    megabytes(entry),
    entry.metrics.map(({ top1 }) => `${top1} %`).join(),
    entry.license,
    entry.installed ? 'installed' : '',
  ]);
  const header = ['MODEL', 'VERSION', 'SIZE', 'TOP-1', 'LICENCE', ''];
  await writeLine(process.stdout, `${table([header, ...rows])}\n\n${FOOTER}`);
}

const FOOTER = [
  '"kaiyan models pull MODEL" takes the newest version, MODEL@VERSION that one. TOP-1 as published for FP32.',
  'LICENCE is that of the publisher. The weights were trained on ImageNet, whose terms may matter to your use.',
].join('\n');

/** By the hash of what it was made from. */
async function isInstalled(entry: CatalogueEntry, registry: Registry): Promise<boolean> {
  const bundle = await registry.open(referenceOf(entry)).catch(() => undefined);
  return bundle?.manifest.source.sha256 === entry.sha256;
}

const megabytes = ({ bytes }: CatalogueEntry): string => `${(bytes / 1e6).toFixed(1)} MB`;
