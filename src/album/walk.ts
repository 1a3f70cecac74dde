/** The files of a photo folder, one after the other. */
import { readdir } from 'node:fs/promises';
import path from 'node:path';
import { AppError } from '../errors.js';

export type Walked =
  | { readonly file: string }
  /** Why nobody knows what is in this folder. */
  | { readonly file: string; readonly unreadable: AppError };

export interface WalkOptions {
  /** Also the folders inside. */
  readonly recursive: boolean;
  /** The real path of a folder that is left out: where the sorted pictures go. */
  readonly except: string | undefined;
  readonly signal: AbortSignal;
  /** Called for each symbolic link; none is followed, so that nothing is taken twice. */
  readonly onLink?: (() => void) | undefined;
}

/** In the order of their names, without hidden ones and sidecars. `folder` is a real path. */
export async function* walk(folder: string, options: WalkOptions): AsyncGenerator<Walked> {
  const entries = await readdir(folder, { withFileTypes: true }).catch(
    (error: Error) => new AppError('FILE_UNREADABLE', { path: folder, reason: error.message }),
  );
  if (entries instanceof AppError) {
    yield { file: folder, unreadable: entries };
    return;
  }
  const visible = entries.filter(({ name }) => !name.startsWith('.')).sort((a, b) => (a.name < b.name ? -1 : 1));
  for (const entry of visible) {
    if (options.signal.aborted) return;
    const file = path.join(folder, entry.name);
    if (entry.isSymbolicLink()) options.onLink?.();
    if (entry.isDirectory() && options.recursive && file !== options.except) yield* walk(file, options);
    if (entry.isFile() && !SIDECAR.test(entry.name)) yield { file };
  }
}

const SIDECAR = /\.xmp$/i;
