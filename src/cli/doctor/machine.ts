/** Checks of the machine and of what is installed on it. */
import { randomUUID } from 'node:crypto';
import { rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { describeMachine, readVersions } from '../../benchmark/environment.js';
import { type Configuration, type Settings, settingKeys } from '../../config.js';
import { toAppError } from '../../errors.js';
import { makeFolder } from '../../folders.js';
import { decodeOptions } from '../../image/decode-options.js';
import { certificateFor, isSecure } from '../../server/certificate/certificate.js';
import { type Check, check, type Finding, ok, problem, warning } from './check.js';

export async function* checkMachine({ settings, sources, warnings }: Configuration): AsyncGenerator<Check> {
  yield await check('platform', platform);
  yield await check('node', node);
  yield await check('libraries', libraries);
  yield await check('heic', () => heic(settings));
  yield await check('cpu', cpu);
  yield await check('memory', memory);
  yield await check('home', () => home(settings.home));
  if (isSecure(settings)) yield await check('certificate', () => certificate(settings));
  yield await check('settings', () => settingsKnown(sources, warnings));
}

/** Those for which onnxruntime-node and sharp are published. */
const PLATFORMS = ['linux x64', 'linux arm64', 'win32 x64', 'win32 arm64', 'darwin arm64'];

function platform(): Finding {
  const found = `${process.platform} ${process.arch}`;
  if (found === 'darwin x64')
    return problem('a Mac with an Intel CPU, for which there is no ONNX Runtime', 'Use a Linux container on it.');
  if (!PLATFORMS.includes(found))
    return problem(`${found}, for which there is no ONNX Runtime`, `Use one of ${PLATFORMS.join(', ')}.`);
  if (process.platform === 'linux' && !hasGlibc())
    return problem(
      `${found} without glibc (Alpine, perhaps), which ONNX Runtime needs`,
      'Use a Linux with glibc, such as the container image node:24-slim.',
    );
  return ok(`${found}, ${os.release()}`);
}

function hasGlibc(): boolean {
  const { header } = process.report.getReport() as { header?: { glibcVersionRuntime?: string } };
  return header?.glibcVersionRuntime !== undefined;
}

function node(): Finding {
  const [major, minor] = process.versions.node.split('.').map(Number) as [number, number];
  const seen = `Node ${process.versions.node}`;
  if (major > 20 || (major === 20 && minor >= 19)) return ok(seen);
  return problem(`${seen}, but Kaiyan needs 20.19`, 'Install Node 24 or newer from https://nodejs.org.');
}

async function libraries(): Promise<Finding> {
  try {
    const { kaiyan, onnxruntime, sharp, libvips } = await readVersions();
    return ok(`Kaiyan ${kaiyan}, ONNX Runtime ${onnxruntime}, sharp ${sharp} (libvips ${libvips})`);
  } catch (error) {
    return problem(
      `sharp cannot be loaded: ${(error as Error).message.trim().split('\n')[0]}`,
      'Install the packages on this machine, optional ones too: npm ci --include=optional.',
    );
  }
}

/** No HEIC picture, but enough of one that its decoder is asked for. */
const HEIC_HEADER = Buffer.from('\0\0\0\x18ftypheic\0\0\0\0mif1heic', 'latin1');

async function heic(settings: Settings): Promise<Finding> {
  const { createDecoder } = await import('../../image/decode.js');
  const decoder = createDecoder(decodeOptions(settings, 1));
  try {
    const answer = await decoder.decode(HEIC_HEADER).catch(toAppError);
    if (!('code' in answer) || answer.code === 'IMAGE_CORRUPT') return ok('libheif-js is there: HEIC can be read');
    if (answer.code !== 'HEIC_UNAVAILABLE') throw answer;
    return warning('libheif-js is not installed: HEIC cannot be read', 'npm install libheif-js, if you need it.');
  } finally {
    await decoder.close();
  }
}

function cpu(): Finding {
  const { cpu: model, cores, int8Instructions } = describeMachine();
  const all = os.cpus().length;
  const share = cores < all ? `${cores} of ${all} cores` : `${cores} core${cores === 1 ? '' : 's'}`;
  const int8 =
    int8Instructions === null
      ? 'whether it has instructions for INT8 cannot be told'
      : `${int8Instructions ? 'with' : 'without'} instructions for INT8`;
  return ok(`${model}, ${share}, ${int8}`, { cores });
}

/** Kaiyan with two workers takes about 250 MB under load, and large pictures up to 256 MB more. */
const ENOUGH_BYTES = 512e6;

function memory(): Finding {
  const { memoryBytes } = describeMachine();
  const seen = `${(memoryBytes / 1e9).toFixed(1)} GB`;
  if (memoryBytes >= ENOUGH_BYTES) return ok(seen, { memoryBytes });
  return warning(seen, 'Set workers to 1 and maxPixelsInFlight to 12000000, so that large pictures fit.');
}

/** Tries what Kaiyan will do there: make the folder and write a file. */
async function home(folder: string): Promise<Finding> {
  const file = path.join(folder, `.doctor-${randomUUID()}`);
  try {
    await makeFolder(folder);
    await writeFile(file, '');
    await rm(file);
    return ok(`${folder} can be written`);
  } catch (error) {
    return warning(
      `${folder} cannot be written (${(error as Error).message}): measurements are forgotten with the process`,
      'Make it writable, or name another folder with KAIYAN_HOME.',
    );
  }
}

/** Whoever opens the page should not be the first to notice. */
const SOON_MS = 14 * 86_400_000;

async function certificate(settings: Settings): Promise<Finding> {
  const notices: string[] = [];
  const found = await certificateFor(settings, (notice) => void notices.push(notice));
  const remedy = found.isOwn ? 'Make the data directory writable.' : 'Renew it, and start the service again.';
  if (notices.length > 0) return warning(notices.join(' '), remedy);
  const end = new Date(found.parsed.validTo);
  const seen = `${found.isOwn ? 'made by Kaiyan' : settings.tlsCert}, until ${end.toISOString().slice(0, 10)}, SHA-256 ${found.fingerprint}`;
  return end.getTime() - Date.now() < SOON_MS ? warning(seen, remedy) : ok(seen);
}

function settingsKnown(sources: Configuration['sources'], warnings: readonly string[]): Finding {
  if (warnings.length > 0) return warning(warnings.join(' '), 'Correct the name, or remove the variable.');
  const changed = settingKeys.filter((key) => sources[key] !== 'default');
  if (changed.length === 0) return ok('all are at their defaults');
  return ok(`changed: ${changed.map((key) => `${key} (${sources[key]})`).join(', ')}`);
}
