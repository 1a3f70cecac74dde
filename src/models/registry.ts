/** The models that there are: those that come with Kaiyan, and those in the data directory. */
import { AppError } from '../errors.js';
import { isFolder } from '../folders.js';
import { type Bundle, openBundle } from './bundle.js';
import { type Fill, installBundle } from './install.js';
import { type Located, locateModels, modelsFolder } from './locate.js';
import type { Manifest } from './manifest.js';
import { parseReference, referenceOf } from './reference.js';
import { removeBundle } from './remove.js';

interface InstallOptions {
  /** Whether it may take the place of the same version, which answers until this one is complete. */
  readonly replace?: boolean;
}

/** A *reference* is `NAME`, which means the highest version in natural order, or `NAME@VERSION`. */
export interface Registry {
  /** All models in all versions: the embedded ones first, then by name, the highest version of each first. */
  readonly list: () => Promise<Located[]>;
  /** Their references: the bare name for the highest version of each. */
  readonly names: () => Promise<string[]>;
  /** @throws AppError MODEL_NOT_FOUND */
  readonly locate: (reference: string) => Promise<Located>;
  /** @throws AppError MODEL_NOT_FOUND, MODEL_INVALID */
  readonly open: (reference: string) => Promise<Bundle>;
  /**
   * Installs a model all at once: `fill` writes its files into an empty folder, the manifest comes last, and nothing is
   * seen before everything is on the disk and every hash is right. Ended half-way, or if it fails, it leaves what was.
   * @throws AppError MODEL_EXISTS, MODEL_INVALID, MODEL_DAMAGED, MODELS_UNWRITABLE, and what `fill` throws
   */
  readonly install: (manifest: Manifest, fill: Fill, options?: InstallOptions) => Promise<Bundle>;
  /**
   * Deletes a model from the data directory, a broken one too.
   * @throws AppError MODEL_NOT_FOUND, MODEL_KEPT, MODELS_UNWRITABLE
   */
  readonly remove: (reference: string) => Promise<Located>;
  /** The version for a model that comes without one: 1, or one more than the highest. */
  readonly nextVersion: (name: string) => Promise<string>;
}

/** `home` is the data directory. It is looked at anew for each call, so that what was installed since is there. */
export function createRegistry(home: string): Registry {
  const models = modelsFolder(home);
  const list = () => locateModels(home);

  async function find(reference: string): Promise<Located> {
    const all = await list();
    const { name, version } = parseReference(reference);
    const found = all.find((one) => one.name === name && (version === undefined || one.version === version));
    if (found) return found;
    throw new AppError('MODEL_NOT_FOUND', { name: reference, known: all.map((one) => one.reference).join(', ') });
  }

  const locate = (reference: string) => withPatience(() => find(reference));
  const open = (reference: string) => withPatience(async () => openLocated(await find(reference)));

  async function install(manifest: Manifest, fill: Fill, { replace = false }: InstallOptions = {}): Promise<Bundle> {
    const same = (await list()).find(({ name, version }) => name === manifest.name && version === manifest.version);
    if (same && (same.embedded || !replace)) throw new AppError('MODEL_EXISTS', { reference: referenceOf(manifest) });
    const bundle = await installBundle(models, manifest, fill, replace);
    // What a user put there by hand is no longer found behind the version that was installed.
    if (same && same.folder !== bundle.folder && (await isFolder(same.folder))) await removeBundle(models, same);
    return bundle;
  }

  async function remove(reference: string): Promise<Located> {
    const located = await locate(reference);
    if (located.embedded) {
      const remedy = 'To answer with another one, use "kaiyan models use"';
      throw new AppError('MODEL_KEPT', { reference, reason: 'it comes with Kaiyan', remedy });
    }
    await removeBundle(models, located);
    return located;
  }

  async function nextVersion(name: string): Promise<string> {
    const highest = (await list()).find((one) => one.name === name)?.version ?? '0';
    return String((Number.parseInt(highest, 10) || 0) + 1);
  }

  return {
    list,
    names: async () => (await list()).map(({ reference }) => reference),
    locate,
    open,
    install,
    remove,
    nextVersion,
  };
}

/** A model that is being replaced just now may be missed, in one place or the other. */
async function withPatience<Result>(look: () => Promise<Result>): Promise<Result> {
  for (let others = 2; others > 0; others--) {
    try {
      return await look();
    } catch {
      // What is wrong for good is so the last time too.
    }
  }
  return look();
}

async function openLocated({ name, version, folder }: Located): Promise<Bundle> {
  const bundle = await openBundle(folder);
  const { manifest } = bundle;
  if (manifest.name === name && manifest.version === version) return bundle;
  const reason = `its manifest is named "${manifest.name}" and has the version "${manifest.version}"`;
  throw new AppError('MODEL_INVALID', { path: folder, reason });
}
