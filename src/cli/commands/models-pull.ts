/** `kaiyan models pull` and `kaiyan models list --available`: the catalogue, and how a model of it comes here. */
import { type Configuration, readSurroundings } from '../../config.js';
import { type CatalogueEntry, catalogue, findEntry, referenceOf } from '../../models/catalogue.js';
import { fetchSource, removeDownload } from '../../models/download/fetch-source.js';
import { createRegistry } from '../../models/registry.js';
import { catchInterrupt } from '../interrupt.js';
import { table, visible, writeLine } from '../output.js';
import { createDownloadProgress } from '../progress.js';

export interface PullFlags {
  /** A file, a folder or an address instead of the official one. */
  readonly from: string | undefined;
  /** Also if it is installed already. */
  readonly force: boolean;
}

/** Makes an installed model of a verified file, and says where it is. */
export type Install = (file: string, entry: CatalogueEntry) => Promise<string>;

/** @throws AppError MODEL_NOT_IN_CATALOGUE, and those of `fetchSource` and `install` */
export async function pullModel(
  reference: string,
  { settings }: Configuration,
  { from, force }: PullFlags,
  install?: Install,
): Promise<void> {
  const entry = findEntry(reference);
  const { home } = settings;
  if (!force && (await isInstalled(entry, home)))
    return writeLine(process.stdout, `${referenceOf(entry)} is installed already; --force installs it again.`);
  const signal = catchInterrupt();
  const progress = createDownloadProgress(`Downloading ${referenceOf(entry)}, about ${megabytes(entry)}.`);
  const onNotice = (notice: string) => {
    progress.hide();
    process.stderr.write(`kaiyan: ${visible(notice)}\n`);
  };
  try {
    const surroundings = readSurroundings();
    const source = await fetchSource(entry, {
      home,
      from,
      surroundings,
      signal,
      onNotice,
      onProgress: progress.update,
    });
    progress.hide();
    if (!install) return writeLine(process.stdout, visible(`${referenceOf(entry)} is verified: ${source.path}`));
    const installed = await install(source.path, entry);
    await removeDownload(source);
    await writeLine(process.stdout, visible(`${referenceOf(entry)} is installed: ${installed}`));
  } catch (error) {
    progress.hide();
    if (!signal.aborted) throw error;
    onNotice('Stopped. The same command goes on with what has come.');
  }
}

export async function listCatalogue({ settings }: Configuration, json: boolean): Promise<void> {
  const entries = await Promise.all(
    catalogue.map(async (entry) => ({ ...entry, installed: await isInstalled(entry, settings.home) })),
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
async function isInstalled({ name, sha256 }: CatalogueEntry, home: string): Promise<boolean> {
  const bundle = await createRegistry(home)
    .open(name)
    .catch(() => undefined);
  return bundle?.manifest.source.sha256 === sha256;
}

const megabytes = ({ bytes }: CatalogueEntry): string => `${(bytes / 1e6).toFixed(1)} MB`;
