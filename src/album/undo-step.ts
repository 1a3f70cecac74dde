/** Takes one step of a run back, as far as nobody has changed since what it made. */
import { lstat, readFile, readlink, rm, rmdir, stat, unlink, utimes } from 'node:fs/promises';
import path from 'node:path';
import { makeFolder } from '../folders.js';
import { sha256Of, sha256OfFile } from '../hashes.js';
import type { Beginning, Step } from './journal.js';
import { draftBeside } from './names.js';
import { replaceFile } from './sidecar.js';
import { moveTo } from './transfer.js';

export interface Undone {
  /** Seen from the album's folder. */
  readonly path: string;
  readonly kind: 'restored' | 'removed' | 'kept';
  /** Why it was kept. */
  readonly reason?: string;
}

export type UndoableStep = Exclude<Step, Beginning>;
type Transfer = Extract<UndoableStep, { readonly from: string }>;
type Write = Extract<UndoableStep, { do: 'write' }>;

export interface UndoStepOptions {
  readonly album: string;
  readonly dryRun: boolean;
}

/** Nothing for a step that never happened or was taken back already, and for folders. */
export async function undoStep(step: UndoableStep, options: UndoStepOptions): Promise<Undone | undefined> {
  const at = (seen: string) => path.resolve(options.album, seen);
  const really = async (work: () => Promise<unknown>) => {
    if (!options.dryRun) await work();
  };
  try {
    if ('draft' in step) await really(() => rm(at(step.draft), { force: true }));
    if (step.do === 'write') return await undoWrite(step, at, really);
    if (step.do === 'move') return await undoMove(step, at, really);
    if (step.do === 'copy' || step.do === 'link') return await undoCopy(step, at, really);
    // One that somebody uses stays; that is no failure.
    if (step.do === 'folder') await really(() => rmdir(at(step.path)).catch(() => undefined));
    return undefined;
  } catch (error) {
    return { path: targetOf(step), kind: 'kept', reason: (error as Error).message };
  }
}

export const targetOf = (step: UndoableStep): string => ('to' in step ? step.to : step.path);

type At = (seen: string) => string;
type Really = (work: () => Promise<unknown>) => Promise<void>;

async function undoCopy({ from, to, sha256 }: Transfer, at: At, really: Really): Promise<Undone | undefined> {
  const found = await statusOf(at(to));
  if (!found) return undefined;
  const original = await statusOf(at(from));
  // A hard link shows what was changed in the original, and the other way round.
  const isOurs = found.isSymbolicLink()
    ? (await readlink(at(to))) === at(from)
    : (original && isSame(found, original)) || isReserved(found) || (await holds(at(to), found, sha256));
  if (!isOurs) return { path: to, kind: 'kept', reason: CHANGED };
  // It may be the last one: whoever has an album may have thrown the originals away.
  if (!original && !found.isSymbolicLink()) return { path: to, kind: 'kept', reason: LAST };
  await really(() => unlink(at(to)));
  return { path: to, kind: 'removed' };
}

async function undoMove({ from, to, sha256 }: Transfer, at: At, really: Really): Promise<Undone | undefined> {
  const moved = await statusOf(at(to));
  const other = await statusOf(at(from));
  if (!moved) return other ? undefined : { path: to, kind: 'kept', reason: GONE };
  if (!other) {
    // Another picture may have its name by now; a sidecar goes along with whatever was written into it.
    if (path.extname(to) !== '.xmp' && !(await holds(at(to), moved, sha256)))
      return { path: to, kind: 'kept', reason: CHANGED };
    await really(async () => {
      await makeFolder(path.dirname(at(from)));
      await moveTo(at(to), at(from), draftBeside(at(from)), await sha256OfFile(at(to)));
    });
    return { path: from, kind: 'restored' };
  }
  // It was about to be moved: the original is still there.
  const isHalfway = isSame(moved, other) || isReserved(moved) || (await holds(at(to), moved, sha256));
  if (!isHalfway || !(await holds(at(from), other, sha256))) return { path: to, kind: 'kept', reason: TAKEN };
  await really(() => unlink(at(to)));
  return undefined;
}

async function undoWrite(
  { path: seen, before, sha256, draft }: Write,
  at: At,
  really: Really,
): Promise<Undone | undefined> {
  const file = at(seen);
  const now = await readFile(file).catch(() => undefined);
  if (!now) return undefined;
  const former = before && Buffer.from(before.base64, 'base64');
  if (former?.equals(now)) return undefined;
  if (sha256Of(now) !== sha256) return { path: seen, kind: 'kept', reason: CHANGED };
  if (!before || !former) {
    await really(() => unlink(file));
    return { path: seen, kind: 'removed' };
  }
  await really(async () => {
    const { mode } = await stat(file);
    await replaceFile(file, former, at(draft), mode);
    await utimes(file, before.mtimeMs / 1000, before.mtimeMs / 1000);
  });
  return { path: seen, kind: 'restored' };
}

const CHANGED = 'it was changed since';
const TAKEN = 'another file has its former place now';
const GONE = 'it is neither there nor at its former place';
const LAST = 'its original is not there any more';

const statusOf = (file: string) => lstat(file, { bigint: true }).catch(() => undefined);
type Status = NonNullable<Awaited<ReturnType<typeof statusOf>>>;
const isSame = (a: Status, b: Status) => a.dev === b.dev && a.ino === b.ino;

/** An empty file is a name that was reserved, and no more. */
const isReserved = (status: Status): boolean => status.isFile() && status.size === 0n;

async function holds(file: string, status: Status, sha256: string): Promise<boolean> {
  return status.isFile() && (await sha256OfFile(file).catch(() => undefined)) === sha256;
}
