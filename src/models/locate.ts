/**
 * Which models lie where: `models/NAME/VERSION/` for those that were installed, `models/NAME/` for the embedded ones and
 * for a folder that a user put there by hand.
 */
import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { isFile, isFolder } from '../folders.js';
import { compareVersions, referenceOf } from './reference.js';

export const MANIFEST = 'model.json';
/** The beginning of the name of a hidden folder of models whose successors are about to take their places. */
export const SET_ASIDE = '.replaced-';
const EMBEDDED = fileURLToPath(new URL('../../models/', import.meta.url));

export interface Located {
  readonly name: string;
  readonly version: string;
  readonly folder: string;
  /** Whether it comes with Kaiyan, and cannot be removed. */
  readonly embedded: boolean;
  /** How it is named: the highest version of a name by the name alone. */
  readonly reference: string;
}

type Found = Omit<Located, 'reference' | 'embedded'>;

/** Of a manifest that cannot be read; it is below all others. */
const UNREADABLE = '?';

export const modelsFolder = (home: string): string => path.join(home, 'models');

/**
 * The embedded models first, then those of the data directory by name; the highest version of each first. Of two that have
 * the same version the embedded one is taken, then the one that was installed.
 */
export async function locateModels(home: string): Promise<Located[]> {
  const models = modelsFolder(home);
  const setAside = (await subfolders(models)).filter((name) => name.startsWith(SET_ASIDE));
  const [embedded = [], ...own] = await Promise.all(
    [EMBEDDED, models, ...setAside.map((name) => path.join(models, name))].map(inFolder),
  );
  const all = [
    ...embedded.map((one) => ({ ...one, embedded: true })),
    ...own.flat().map((one) => ({ ...one, embedded: false })),
  ];
  const names = [...new Set(all.map(({ name }) => name))];
  return names.flatMap((name) => {
    const versions = new Map<string, Omit<Located, 'reference'>>();
    for (const one of all) if (one.name === name && !versions.has(one.version)) versions.set(one.version, one);
    return [...versions.values()]
      .sort((a, b) => byVersion(b.version, a.version))
      .map((one, i) => ({ ...one, reference: i === 0 ? name : referenceOf(one) }));
  });
}

function byVersion(a: string, b: string): number {
  if (a === UNREADABLE || b === UNREADABLE) return Number(b === UNREADABLE) - Number(a === UNREADABLE);
  return compareVersions(a, b);
}

async function inFolder(models: string): Promise<Found[]> {
  const names = (await subfolders(models)).filter(isVisible);
  return (await Promise.all(names.map((name) => versionsOf(name, path.join(models, name))))).flat();
}

async function versionsOf(name: string, folder: string): Promise<Found[]> {
  const visible = await visibleIn(folder);
  const inside = visible.map((version) => ({ name, version, folder: path.join(folder, version) }));
  const areBundles = await Promise.all(inside.map((one) => isFile(path.join(one.folder, MANIFEST))));
  const installed = inside.filter((_, i) => areBundles[i]);
  // A folder with files but without a manifest is a model that is broken; one with nothing is none.
  const isPutByHand = visible.includes(MANIFEST) || (installed.length === 0 && visible.length > 0);
  return isPutByHand ? [...installed, { name, version: await versionIn(folder), folder }] : installed;
}

async function versionIn(folder: string): Promise<string> {
  try {
    const { version } = JSON.parse(await readFile(path.join(folder, MANIFEST), 'utf8')) as { version?: unknown };
    return typeof version === 'string' ? version : UNREADABLE;
  } catch {
    return UNREADABLE;
  }
}

/** The names of the folders in a folder; links to folders count too. */
export async function subfolders(folder: string): Promise<string[]> {
  const names = (await readdir(folder).catch(() => [])).sort();
  const areFolders = await Promise.all(names.map((name) => isFolder(path.join(folder, name))));
  return names.filter((_, i) => areFolders[i]);
}

const isVisible = (name: string) => !name.startsWith('.');
const visibleIn = async (folder: string) => (await readdir(folder).catch(() => [])).filter(isVisible).sort();
