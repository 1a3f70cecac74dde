/** Writes a model into a folder of its own, with all that other programs need to run it with the same answers. */
import { randomUUID } from 'node:crypto';
import { createWriteStream } from 'node:fs';
import { open, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { pipeline } from 'node:stream/promises';
import { AppError } from '../../errors.js';
import { isFolder, makeFolder, outputUnwritable } from '../../folders.js';
import { type Bundle, modelFile, verifyBundle } from '../bundle.js';
import { MANIFEST } from '../locate.js';
import type { Manifest, Precision } from '../manifest.js';
import { describeExport } from './page.js';

export interface ExportOptions {
  /** Must be empty or not there yet. */
  readonly folder: string;
  /** All that there are, if undefined. */
  readonly precision?: Precision | undefined;
  readonly signal?: AbortSignal | undefined;
}

/**
 * What it writes is a bundle again; its manifest names the files that are there. If it fails, or is ended, it leaves
 * nothing.
 * @throws AppError FOLDER_NOT_EMPTY, PRECISION_UNAVAILABLE, FILE_UNREADABLE, MODEL_DAMAGED, OUTPUT_UNWRITABLE, ABORTED
 */
export async function exportModel(
  bundle: Bundle,
  { folder, precision, signal }: ExportOptions,
): Promise<Pick<Bundle, 'folder' | 'manifest'>> {
  const manifest = exportedManifest(bundle, precision);
  const output = path.resolve(folder);
  await writingTo(output, async () => {
    const exists = await isEmptyFolder(output);
    // Beside it, so that one step makes it whole. One that exists may be a mount, and cannot be replaced.
    const hidden = `.${path.basename(output)}.exporting-${randomUUID().slice(0, 8)}`;
    const draft = path.join(exists ? output : path.dirname(output), hidden);
    await makeFolder(draft);
    try {
      await fill(draft, { ...bundle, manifest }, signal);
      if (exists) await moveInto(output, draft);
      else await renameTo(output, draft);
    } finally {
      await rm(draft, { recursive: true, force: true });
    }
  });
  return { folder: output, manifest };
}

function exportedManifest(bundle: Bundle, precision: Precision | undefined): Manifest {
  if (precision === undefined) return bundle.manifest;
  modelFile(bundle, precision);
  const { quantization, ...manifest } = bundle.manifest;
  return {
    ...manifest,
    ...(precision === 'int8' && quantization && { quantization }),
    files: manifest.files.filter((file) => file.precision === precision),
  };
}

async function fill(draft: string, bundle: Bundle, signal: AbortSignal | undefined): Promise<void> {
  const { folder, manifest, labels } = bundle;
  const { files, licenseFile } = manifest;
  for (const name of [...files.map((file) => file.path), ...(licenseFile === undefined ? [] : [licenseFile])]) {
    await copy(path.join(folder, name), path.join(draft, name), signal);
  }
  const damaged = (await verifyBundle({ folder: draft, manifest })).find(({ ok }) => !ok);
  if (damaged)
    throw new AppError('MODEL_DAMAGED', { ...damaged, path: path.join(folder, path.basename(damaged.path)) });
  const texts: readonly (readonly [name: string, text: string])[] = [
    ['README.md', describeExport(bundle)],
    ['labels.txt', labels.classes.map(([, en]) => `${oneLine(en)}\n`).join('')],
    ['labels.json', labelsJson(bundle)],
    ['classify_onnxruntime.py', await program('onnxruntime.py')],
    ['classify_openvino.py', await program('openvino.py')],
    [MANIFEST, `${JSON.stringify(manifest, null, 2)}\n`],
  ];
  for (const [name, text] of texts) await writeFile(path.join(draft, name), text, { flag: 'wx' });
  throwIfAborted(signal);
}

async function copy(from: string, to: string, signal: AbortSignal | undefined): Promise<void> {
  throwIfAborted(signal);
  const source = await open(from).catch((error: Error) => {
    throw new AppError('FILE_UNREADABLE', { path: from, reason: error.message });
  });
  try {
    await pipeline(source.createReadStream(), createWriteStream(to, { flags: 'wx' }), signal ? { signal } : {});
  } catch (error) {
    throwIfAborted(signal);
    throw error;
  }
}

function throwIfAborted(signal: AbortSignal | undefined): void {
  if (signal?.aborted) throw new AppError('ABORTED', {});
}

/** A class on each line. */
function labelsJson({ labels }: Bundle): string {
  const rows = labels.classes.map(([wnid, en, zh], index) => `  ${JSON.stringify({ index, wnid, en, zh })}`);
  return `[\n${rows.join(',\n')}\n]\n`;
}

const oneLine = (text: string) => text.replace(/\s+/g, ' ');

/** What is about one runtime comes first, then what is the same for all: a program that is complete in one file. */
async function program(runtime: string): Promise<string> {
  const parts = await Promise.all(
    [runtime, 'classify.py'].map((name) => readFile(new URL(name, import.meta.url), 'utf8')),
  );
  return parts.join('\n\n');
}

/** False if there is nothing of that name. @throws AppError FOLDER_NOT_EMPTY */
async function isEmptyFolder(folder: string): Promise<boolean> {
  try {
    if ((await readdir(folder)).length > 0) throw new AppError('FOLDER_NOT_EMPTY', { path: folder });
    return true;
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT') return false;
    throw error;
  }
}

async function renameTo(output: string, draft: string): Promise<void> {
  try {
    await rename(draft, output);
  } catch (error) {
    if (await isFolder(output)) throw new AppError('FOLDER_NOT_EMPTY', { path: output });
    throw error;
  }
}

/** The manifest last: without it the folder is no model. */
async function moveInto(output: string, draft: string): Promise<void> {
  const names = (await readdir(draft)).filter((name) => name !== MANIFEST);
  const moved: string[] = [];
  try {
    for (const name of [...names, MANIFEST]) {
      await rename(path.join(draft, name), path.join(output, name));
      moved.push(name);
    }
  } catch (error) {
    for (const name of moved) await rm(path.join(output, name), { force: true });
    throw error;
  }
}

async function writingTo(folder: string, work: () => Promise<void>): Promise<void> {
  try {
    await work();
  } catch (error) {
    if (error instanceof AppError || (error as NodeJS.ErrnoException).code === undefined) throw error;
    throw outputUnwritable(error as Error, folder);
  }
}
