/** Copies, links and moves of files that never take the place of another file. */
import { constants } from 'node:fs';
import { copyFile, link, open, rename, rm, stat, symlink, unlink, utimes } from 'node:fs/promises';
import path from 'node:path';
import { syncFolder } from '../folders.js';
import { sha256OfFile } from '../hashes.js';

/** What a file system says that has no hard links, or none for this file. */
const NO_HARD_LINKS = new Set(['EPERM', 'ENOTSUP', 'EOPNOTSUPP', 'ENOSYS', 'EMLINK', 'EINVAL']);
const codeOf = (error: unknown) => (error as NodeJS.ErrnoException).code ?? '';

/** With EEXIST in its `code` if something is at `to`. `draft` lies beside it. The copy has the times of the original. */
export async function copyTo(from: string, to: string, draft: string): Promise<void> {
  try {
    await copyWithTimes(from, draft);
    await publish(draft, to);
  } finally {
    await rm(draft, { force: true });
  }
}

/** A hard link, which takes no room and stays when the original goes; a symbolic one where that cannot be. */
export async function linkTo(from: string, to: string): Promise<void> {
  try {
    await link(from, to);
  } catch (error) {
    if (codeOf(error) !== 'EXDEV' && !NO_HARD_LINKS.has(codeOf(error))) throw error;
    await symlink(from, to);
  }
}

/**
 * Within a file system the file itself moves; else it is copied, written to the disk, compared with its hash, and only then
 * is the original removed.
 */
export async function moveTo(from: string, to: string, draft: string, sha256: string): Promise<void> {
  try {
    await link(from, to);
  } catch (error) {
    if (codeOf(error) === 'EXDEV') return moveAcross(from, to, draft, sha256);
    if (!NO_HARD_LINKS.has(codeOf(error))) throw error;
    return renameInto(from, to).catch((second) => {
      if (codeOf(second) === 'EXDEV') return moveAcross(from, to, draft, sha256);
      throw second;
    });
  }
  await removeOriginal(from, to);
}

async function moveAcross(from: string, to: string, draft: string, sha256: string): Promise<void> {
  try {
    const before = await stat(from);
    await copyWithTimes(from, draft);
    const handle = await open(draft, 'r+');
    await handle.sync().finally(() => handle.close());
    const after = await stat(from);
    const isUnchanged = before.size === after.size && before.mtimeMs === after.mtimeMs;
    if (!isUnchanged || (await sha256OfFile(draft)) !== sha256) throw new Error('it changed while it was moved');
    await publish(draft, to);
    // The name too: a power cut may come between two file systems.
    await syncFolder(path.dirname(to));
  } finally {
    await rm(draft, { force: true });
  }
  await removeOriginal(from, to);
}

/** If the original has to stay, the new one goes; but not if somebody else took it away: then it may be the last one. */
async function removeOriginal(from: string, to: string): Promise<void> {
  await unlink(from).catch(async (error) => {
    if (codeOf(error) === 'ENOENT') return;
    await unlink(to);
    throw error;
  });
}

async function copyWithTimes(from: string, draft: string): Promise<void> {
  const { atimeMs, mtimeMs } = await stat(from);
  await copyFile(from, draft, constants.COPYFILE_EXCL | constants.COPYFILE_FICLONE);
  await utimes(draft, atimeMs / 1000, mtimeMs / 1000);
}

/** Gives a complete file its name, all at once. */
async function publish(draft: string, to: string): Promise<void> {
  try {
    await link(draft, to);
  } catch (error) {
    if (!NO_HARD_LINKS.has(codeOf(error))) throw error;
    await renameInto(draft, to);
  }
}

/** `rename` would take the place of a file; so an empty one of our own is put there first, which is all that it can replace. */
async function renameInto(from: string, to: string): Promise<void> {
  const reserved = await open(to, 'wx');
  await reserved.close();
  await rename(from, to).catch(async (error) => {
    await unlink(to);
    throw error;
  });
}
