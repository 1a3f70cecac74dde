/** A file that one process at a time appends to. What keeps others away vanishes with the process, however it ends. */
import { once } from 'node:events';
import { constants, type FileHandle, open } from 'node:fs/promises';
import net from 'node:net';

export interface HeldFile {
  readonly handle: FileHandle;
  readonly release: () => Promise<void>;
}

const APPEND = constants.O_RDWR | constants.O_APPEND | constants.O_CREAT;
/** BSD's open(2), also on macOS, locks the file with it; Node has no names for these. */
const [O_EXLOCK, O_NONBLOCK] = [0x20, 0x04];
const locksOnOpen = !['linux', 'win32'].includes(process.platform);

/**
 * Opens a file to read and append, or makes it; with `fresh` one that exists is an error of the system (EEXIST).
 * Undefined if another process holds it.
 *
 * Node cannot lock files. So on Linux and Windows a name is taken that only one process can have and the system takes
 * back: it is made of the file's own number, so that it is the same by whatever path the file is reached. Processes on
 * other machines and in other containers are not seen by that.
 */
export async function openHeld(file: string, { fresh }: { readonly fresh: boolean }): Promise<HeldFile | undefined> {
  const flags = APPEND | (fresh ? constants.O_EXCL : 0) | (locksOnOpen ? O_EXLOCK | O_NONBLOCK : 0);
  const handle = await open(file, flags).catch((error: NodeJS.ErrnoException) => {
    if (locksOnOpen && error.code === 'EAGAIN') return undefined;
    throw error;
  });
  if (handle === undefined || locksOnOpen) return handle && { handle, release: () => handle.close() };
  try {
    const { dev, ino } = await handle.stat({ bigint: true });
    const holder = await takeName(`kaiyan-output-${dev}-${ino}`);
    // The name first: the number is free for another file once this one is closed and deleted.
    if (holder) return { handle, release: () => holder.release().finally(() => handle.close()) };
  } catch (error) {
    await handle.close();
    throw error;
  }
  await handle.close();
  return undefined;
}

/** Node 20 fills an abstract socket's name up to its full length, later ones do not: full, it is the same one for both. */
const SOCKET_NAME_BYTES = 108;

const systemName = (name: string): string =>
  process.platform === 'win32' ? `\\\\.\\pipe\\${name}` : `\0${name}`.padEnd(SOCKET_NAME_BYTES, '.');

async function takeName(name: string): Promise<{ readonly release: () => Promise<void> } | undefined> {
  const server = net.createServer((caller) => caller.destroy()).unref();
  try {
    server.listen(systemName(name));
    await once(server, 'listening');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EADDRINUSE') return undefined;
    throw error;
  }
  return { release: () => new Promise((resolve) => server.close(() => resolve())) };
}
