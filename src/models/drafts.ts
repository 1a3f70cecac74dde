/** Hidden folders in which a model is made, or goes to, so that it is never seen half. */
import { randomUUID } from 'node:crypto';
import { mkdir, rename, rm, stat } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { AppError } from '../errors.js';
import { makeFolder } from '../folders.js';
import { SET_ASIDE, subfolders } from './locate.js';

const PURPOSES = { install: '.installing-', remove: '.removing-', replace: SET_ASIDE } as const;

/** Those of this process: its number may have been that of another one, which has left something. */
const mine = new Set<string>();

/** A new hidden folder among the models. */
export async function makeDraft(models: string, purpose: keyof typeof PURPOSES): Promise<string> {
  await makeFolder(models);
  const draft = newName(models, purpose);
  await mkdir(draft);
  return draft;
}

function newName(models: string, purpose: keyof typeof PURPOSES): string {
  const name = `${PURPOSES[purpose]}${process.pid}-${randomUUID().slice(0, 8)}-${os.hostname()}`;
  mine.add(name);
  return path.join(models, name);
}

export const removeDraft = (draft: string): Promise<void> => rm(draft, { recursive: true, force: true });

/** Ends what was set aside, in one step: it would still be found while it is being deleted. */
export async function endAside(aside: string): Promise<void> {
  const grave = newName(path.dirname(aside), 'remove');
  await rename(aside, grave);
  await removeDraft(grave);
}

/** Puts in order what processes have left that were ended in the middle. */
export async function sweep(models: string): Promise<void> {
  for (const name of await subfolders(models)) {
    const purpose = Object.values(PURPOSES).find((beginning) => name.startsWith(beginning));
    const draft = path.join(models, name);
    if (purpose === undefined || !(await isAbandoned(draft, name.slice(purpose.length)))) continue;
    // Another process may be doing the same, and what cannot be mended is no reason not to go on.
    await (purpose === PURPOSES.replace ? mend(draft, models) : removeDraft(draft)).catch(() => undefined);
  }
}

async function mend(aside: string, models: string): Promise<void> {
  await putBack(aside, models);
  await endAside(aside);
}

/** Models whose successors never came; the others have no place to go back to. */
export async function putBack(aside: string, models: string): Promise<void> {
  for (const name of await subfolders(aside)) {
    for (const version of await subfolders(path.join(aside, name))) {
      await makeFolder(path.join(models, name));
      await rename(path.join(aside, name, version), path.join(models, name, version)).catch(() => undefined);
    }
  }
}

/** Of a process on another machine (or in another container) nobody here can say whether it lives; by then it does not. */
const LONGEST_MS = 24 * 3_600_000;

async function isAbandoned(draft: string, owner: string): Promise<boolean> {
  if (mine.has(path.basename(draft))) return false;
  const [, pid, host] = /^(\d+)-[0-9a-f]+-(.*)$/.exec(owner) ?? [];
  if (host === os.hostname() && !isRunning(Number(pid))) return true;
  const age = Date.now() - ((await stat(draft).catch(() => undefined))?.mtimeMs ?? Date.now());
  return age > LONGEST_MS;
}

function isRunning(pid: number): boolean {
  if (pid === process.pid) return false;
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

/** Errors of the system that are about the disk, not about what is written to it. */
export const ABOUT_THE_DISK: readonly string[] = ['ENOSPC', 'EDQUOT', 'EROFS', 'EFBIG', 'EIO'];

/** Says it in words if the models cannot be written; of what else is thrown only errors with these codes mean that. */
export async function writingTo<Result>(
  models: string,
  work: () => Promise<Result>,
  codes?: readonly string[],
): Promise<Result> {
  try {
    return await work();
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    if (error instanceof AppError || code === undefined || (codes && !codes.includes(code))) throw error;
    throw new AppError('MODELS_UNWRITABLE', { path: models, reason: message }, { cause: error });
  }
}
