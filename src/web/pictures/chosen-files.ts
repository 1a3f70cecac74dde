/** Files as people choose or drop them, with the folders that they are in. */

/** A file and the name that it is sent with, which has its folders: `holiday/beach/1.jpg`. */
export interface Chosen {
  readonly name: string;
  readonly file: File;
}

/** `webkitRelativePath` is set for files of a folder that was chosen as one. */
export const chosenFrom = (files: readonly File[]): Chosen[] =>
  files.map((file) => ({ name: file.webkitRelativePath || file.name, file }));

/**
 * All files in what was dropped, folders in folders too. Has to be called while the event is handled: after that the browser
 * forgets what was dropped.
 */
export async function droppedFrom(transfer: DataTransfer): Promise<Chosen[]> {
  const entries = [...transfer.items].map((item) => item.webkitGetAsEntry()).filter((entry) => entry !== null);
  const found: Chosen[] = [];
  // What was pasted has no place in a file system.
  if (entries.length === 0) return chosenFrom([...transfer.files]);
  for (const entry of entries) await collect(entry, found);
  return found;
}

async function collect(entry: FileSystemEntry, found: Chosen[]): Promise<void> {
  if (isFile(entry)) {
    const file = await new Promise<File>((resolve, reject) => entry.file(resolve, reject)).catch(() => undefined);
    // One that vanished meanwhile.
    if (file) found.push({ name: entry.fullPath.replace(/^\//, ''), file });
  } else if (isFolder(entry)) for await (const inside of entriesOf(entry)) await collect(inside, found);
}

/** Browsers hand them out a hundred at a time. */
async function* entriesOf(folder: FileSystemDirectoryEntry): AsyncGenerator<FileSystemEntry> {
  const reader = folder.createReader();
  for (;;) {
    const some = await new Promise<FileSystemEntry[]>((resolve, reject) => reader.readEntries(resolve, reject)).catch(
      () => [],
    );
    if (some.length === 0) return;
    yield* some;
  }
}

const isFile = (entry: FileSystemEntry): entry is FileSystemFileEntry => entry.isFile;
const isFolder = (entry: FileSystemEntry): entry is FileSystemDirectoryEntry => entry.isDirectory;
