/** The pictures that are on the page, and the one that is looked at; shared by Classify and How it sees. */
import { useSyncExternalStore } from 'react';

export interface Picture {
  readonly id: string;
  readonly file: File;
  /** Of the file in the browser's memory, until the picture is removed. */
  readonly url: string;
}

export interface Collection {
  readonly pictures: readonly Picture[];
  /** Id of the picture that is looked at; null if there is none. */
  readonly chosen: string | null;
  /** How many of those that were added last found no room. */
  readonly leftOut: number;
}

/** More are a matter for a job. */
export const MOST_PICTURES = 30;

const listeners = new Set<() => void>();
let current: Collection = { pictures: [], chosen: null, leftOut: 0 };
let made = 0;

/** Adds files as far as there is room, looks at the first of them, and gives how many were left out. */
export function addPictures(files: readonly File[]): number {
  const room = MOST_PICTURES - current.pictures.length;
  const added = files.slice(0, Math.max(room, 0)).map((file) => {
    made += 1;
    return { id: String(made), file, url: URL.createObjectURL(file) };
  });
  const [first] = added;
  const leftOut = files.length - added.length;
  change({ pictures: [...current.pictures, ...added], chosen: first?.id ?? current.chosen, leftOut });
  return leftOut;
}

export function removePicture(id: string): void {
  const at = current.pictures.findIndex((picture) => picture.id === id);
  const removed = current.pictures[at];
  if (!removed) return;
  URL.revokeObjectURL(removed.url);
  const pictures = current.pictures.filter((picture) => picture !== removed);
  const neighbour = pictures[Math.min(at, pictures.length - 1)];
  change({ ...current, pictures, chosen: current.chosen === id ? (neighbour?.id ?? null) : current.chosen });
}

export function clearPictures(): void {
  for (const { url } of current.pictures) URL.revokeObjectURL(url);
  change({ pictures: [], chosen: null, leftOut: 0 });
}

export const choosePicture = (id: string): void => change({ ...current, chosen: id });

export const useCollection = (): Collection => useSyncExternalStore(subscribe, () => current);

export function useChosenPicture(): Picture | undefined {
  const { pictures, chosen } = useCollection();
  return pictures.find(({ id }) => id === chosen);
}

function change(next: Collection): void {
  current = next;
  for (const listener of listeners) listener();
}

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}
