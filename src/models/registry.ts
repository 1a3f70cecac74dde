/** Where models live: those that come with Kaiyan, and those in the data directory. */
import { readdir } from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { AppError } from '../errors.js';
import { isFolder } from '../folders.js';
import { type Bundle, openBundle } from './bundle.js';

const EMBEDDED = fileURLToPath(new URL('../../models/', import.meta.url));

export interface Registry {
  /** The names of all models; the embedded ones first. */
  readonly names: () => Promise<string[]>;
  /** @throws AppError MODEL_NOT_FOUND, MODEL_INVALID */
  readonly open: (name: string) => Promise<Bundle>;
}

/** `home` is the data directory; its models are in `models/`. An embedded model wins over one of the same name there. */
export function createRegistry(home: string): Registry {
  const folders = [EMBEDDED, path.join(home, 'models')];

  async function locate(): Promise<Map<string, string>> {
    const found = new Map<string, string>();
    for (const folder of folders) {
      for (const name of await subfolders(folder)) {
        if (!found.has(name)) found.set(name, path.join(folder, name));
      }
    }
    return found;
  }

  async function open(name: string): Promise<Bundle> {
    const models = await locate();
    const folder = models.get(name);
    if (!folder) throw new AppError('MODEL_NOT_FOUND', { name, known: [...models.keys()].join(', ') });
    const bundle = await openBundle(folder);
    if (bundle.manifest.name === name) return bundle;
    throw new AppError('MODEL_INVALID', { path: folder, reason: `its manifest is named "${bundle.manifest.name}"` });
  }

  return { names: async () => [...(await locate()).keys()], open };
}

/** Links to folders count too. */
async function subfolders(folder: string): Promise<string[]> {
  const names = (await readdir(folder).catch(() => [])).filter((name) => !name.startsWith('.')).sort();
  const areFolders = await Promise.all(names.map((name) => isFolder(path.join(folder, name))));
  return names.filter((_, i) => areFolders[i]);
}
