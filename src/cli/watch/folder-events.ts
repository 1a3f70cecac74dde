/** What the system says about changes in folders, as far as it does: events get lost, and there may be no more of them. */
import { type FSWatcher, watch } from 'node:fs';
import { stat } from 'node:fs/promises';

export interface FolderEvents {
  /** Listens to a folder, not to those inside; one that took the place of another is listened to anew. */
  readonly listenTo: (folder: string) => Promise<void>;
  readonly close: () => void;
}

/** Linux gives a user some thousands to some hundred thousand of them, for all programs together. */
const MOST_FOLDERS = 4_096;

/** `onChange` gets the folder and the name in it. Node's own recursive watching listens to each single file on Linux. */
export function createFolderEvents(onChange: (folder: string, name: string) => void): FolderEvents {
  const listening = new Map<string, { readonly watcher: FSWatcher; readonly inode: number }>();

  function forget(folder: string): void {
    listening.get(folder)?.watcher.close();
    listening.delete(folder);
  }

  async function listenTo(folder: string): Promise<void> {
    const inode = (await stat(folder).catch(() => undefined))?.ino;
    if (inode === listening.get(folder)?.inode) return;
    forget(folder);
    if (inode === undefined || listening.size >= MOST_FOLDERS) return;
    try {
      const watcher = watch(folder, { persistent: false }, (_event, name) => {
        if (name !== null) onChange(folder, name);
      });
      watcher.on('error', () => forget(folder));
      listening.set(folder, { watcher, inode });
    } catch {
      // The limit of the system: such a folder is only looked at.
    }
  }

  function close(): void {
    for (const folder of [...listening.keys()]) forget(folder);
  }

  return { listenTo, close };
}
