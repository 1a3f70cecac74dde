/** A model as one file to take elsewhere: a zip archive, to be unpacked in the folder `models` of another data directory. */
import { createReadStream, type ReadStream } from 'node:fs';
import { readdir, stat } from 'node:fs/promises';
import path from 'node:path';
import { PassThrough, type Readable } from 'node:stream';
import yazl from 'yazl';
import { AppError } from '../../errors.js';
import type { Located } from '../locate.js';
import { TRAINED_WITH } from '../trained-with.js';

export interface Archive {
  readonly name: string;
  readonly bytes: number;
  /** Its files are read as it is; whoever does not read it to its end destroys it. */
  readonly stream: Readable;
}

/** The files of a bundle as NAME/VERSION/FILE, stored as they are: weights do not get smaller. @throws AppError MODEL_INVALID */
export async function archiveModel({
  name,
  version,
  folder,
}: Pick<Located, 'name' | 'version' | 'folder'>): Promise<Archive> {
  const files = await filesIn(folder);
  const zip = new yazl.ZipFile();
  const stream = zip.outputStream.pipe(new PassThrough());
  let reading: ReadStream | undefined;
  zip.once('error', (error: Error) => stream.destroy(error));
  // Whoever has left reads no more of it, which yazl does not see.
  stream.once('close', () => reading?.destroy());
  for (const { file, size, mtime } of files) {
    zip.addReadStreamLazy(`${name}/${version}/${file}`, { ...STORED, size, mtime }, (give) => {
      reading = createReadStream(path.join(folder, file));
      reading.once('error', (error) => zip.emit('error', error));
      give(null, reading);
    });
  }
  // Its types leave out what it is called with.
  const bytes = await new Promise<number>((resolve) => zip.end(ORDINARY, resolve as () => void));
  return { name: `${name}-${version}.zip`, bytes, stream };
}

const STORED = { compress: false, mode: 0o100644 };
const ORDINARY = { forceZip64Format: false, comment: '' };

/** A bundle has no folders in it; hidden files are none of it, and what it has learned from stays here. */
async function filesIn(folder: string) {
  try {
    const entries = await readdir(folder, { withFileTypes: true });
    const names = entries
      .filter((entry) => entry.isFile() && !entry.name.startsWith('.') && entry.name !== TRAINED_WITH)
      .map((entry) => entry.name);
    return await Promise.all(
      names.sort().map(async (file) => {
        const { size, mtime } = await stat(path.join(folder, file));
        return { file, size, mtime };
      }),
    );
  } catch (error) {
    throw new AppError('MODEL_INVALID', { path: folder, reason: (error as Error).message });
  }
}
