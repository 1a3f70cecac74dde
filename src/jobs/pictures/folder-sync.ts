/** Makes names in folders outlast a power cut: whoever asks while the disk is busy shares the next time. */
import { open } from 'node:fs/promises';
import path from 'node:path';

/** Has names in a subfolder of `root` written out, and its own name. */
export function createFolderSync(root: string): (subfolder: string) => Promise<void> {
  let waiting: { readonly folders: Set<string>; readonly done: Promise<void> } | undefined;
  let last: Promise<void> = Promise.resolve();
  // It may have been made just now.
  let always = [path.dirname(root), root];

  function next() {
    const folders = new Set(always);
    always = [root];
    const done = last.then(async () => {
      waiting = undefined;
      for (const folder of folders) await syncFolder(folder);
    });
    last = done.catch(() => undefined);
    return { folders, done };
  }

  return (subfolder) => {
    waiting ??= next();
    waiting.folders.add(subfolder);
    return waiting.done;
  };
}

/** Not every system can; and a folder that has gone has no names to keep. */
async function syncFolder(folder: string): Promise<void> {
  try {
    const handle = await open(folder);
    await handle.sync().finally(() => handle.close());
  } catch (error) {
    const { code = '' } = error as NodeJS.ErrnoException;
    if (['EIO', 'ENOSPC', 'EDQUOT'].includes(code)) throw error;
  }
}
