/**
 * Takes pictures away so that they can be had back: they vanish at once, and are deleted when others are, when the
 * data set is trained with, or when it is left.
 */
import { useSyncExternalStore } from 'react';
import { refusedWith, send } from '../../api/call.ts';
import type { DatasetPicture } from '../../api/training-types.ts';
import { addressOfPicture } from './addresses.ts';

export interface Removal {
  readonly dataset: string;
  readonly pictures: readonly DatasetPicture[];
}

interface Removals {
  /** What can be had back; null for nothing. */
  readonly undoable: Removal | null;
  readonly underWay: readonly Removal[];
}

const listeners = new Set<() => void>();
const ends = new Set<(removal: Removal) => void>();
let current: Removals = { undoable: null, underWay: [] };

export const useRemovals = (): Removals => useSyncExternalStore(subscribe, () => current);

/** Pictures that are not to be seen any more, though the service still has them. */
export const hiddenBy = ({ undoable, underWay }: Removals, dataset: string): readonly DatasetPicture[] =>
  [...underWay, ...(undoable ? [undoable] : [])]
    .filter((one) => one.dataset === dataset)
    .flatMap((one) => one.pictures);

/** Tells of pictures that are gone for good. */
export function onRemoved(listener: (removal: Removal) => void): () => void {
  ends.add(listener);
  return () => ends.delete(listener);
}

export function removePictures(removal: Removal): void {
  commitQuietly();
  change({ ...current, undoable: removal });
  window.addEventListener('pagehide', commitAtOnce);
}

export const undoRemoval = (): void => change({ ...current, undoable: null });

/** For good. What cannot be deleted is to be seen again. @throws CallError */
export async function commitRemoval(): Promise<void> {
  const { undoable } = current;
  if (!undoable) return;
  change({ undoable: null, underWay: [...current.underWay, undoable] });
  try {
    await deleteAll(undoable);
  } finally {
    change({ ...current, underWay: current.underWay.filter((one) => one !== undoable) });
  }
}

/** Who has turned to something else is not told; the pictures are there again. */
export const commitQuietly = (): void => void commitRemoval().catch(() => undefined);

/** When a page is left nothing begins later. */
function commitAtOnce(): void {
  commitQuietly();
  startNext(MOST_AT_ONCE);
}

/** All that can be deleted are, whatever becomes of the others. @throws CallError of the first that cannot */
async function deleteAll({ dataset, pictures }: Removal): Promise<void> {
  const outcomes = await Promise.allSettled(pictures.map(({ id }) => inTurn(() => deletePicture(dataset, id))));
  const deleted = pictures.filter((_picture, at) => outcomes[at]?.status === 'fulfilled');
  for (const listener of ends) listener({ dataset, pictures: deleted });
  const failure = outcomes.find(({ status }) => status === 'rejected');
  if (failure?.status === 'rejected') throw failure.reason;
}

const AT_ONCE = 32;
/** Browsers let only so many requests outlast a page, and refuse others: Chromium more than 256. */
const MOST_AT_ONCE = 250;

const waiting: (() => Promise<void>)[] = [];
let running = 0;

const inTurn = (task: () => Promise<void>): Promise<void> =>
  new Promise((resolve, reject) => {
    waiting.push(() => task().then(resolve, reject));
    startNext(AT_ONCE);
  });

function startNext(most: number): void {
  while (running < most) {
    const next = waiting.shift();
    if (!next) return;
    running += 1;
    void next().finally(() => {
      running -= 1;
      startNext(AT_ONCE);
    });
  }
}

async function deletePicture(dataset: string, id: string): Promise<void> {
  try {
    await send(addressOfPicture(dataset, id), { method: 'DELETE', manages: true, keepalive: true });
  } catch (error) {
    // What is gone already needs no deleting.
    const isGone = refusedWith(error)?.status === 404;
    if (!isGone) throw error;
  }
}

function change(next: Removals): void {
  current = next;
  for (const listener of listeners) listener();
}

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}
