/** Small pictures of a service with a key, which an image cannot send: fetched while they are to be seen, and kept for a while. */
import { callForBlob } from '../api/call.ts';

/** Some screens full. */
const MOST_KEPT = 400;

interface Entry {
  users: number;
  url: string | undefined;
  readonly loading: AbortController;
  readonly loaded: Promise<string>;
}

export interface TakenThumbnail {
  /** The address of the picture in the browser's memory, good until `release`. Rejects with a CallError or an AbortError. */
  readonly url: Promise<string>;
  /** It is no longer to be seen. */
  readonly release: () => void;
}

/** `fetchBlob` is as `callForBlob`. */
export function createThumbnailCache(
  fetchBlob: (path: string, request: { readonly signal: AbortSignal }) => Promise<Blob>,
  most = MOST_KEPT,
): (path: string) => TakenThumbnail {
  /** The one that was taken longest ago is first. */
  const entries = new Map<string, Entry>();

  function load(path: string): Entry {
    const loading = new AbortController();
    const loaded = fetchBlob(path, { signal: loading.signal }).then((blob) => {
      entry.url = URL.createObjectURL(blob);
      return entry.url;
    });
    const entry: Entry = { users: 0, url: undefined, loading, loaded };
    // The next one who wants it tries again.
    loaded.catch(() => forget(path, entry));
    return entry;
  }

  function forget(path: string, entry: Entry): void {
    if (entries.get(path) === entry) entries.delete(path);
    if (entry.url !== undefined) URL.revokeObjectURL(entry.url);
  }

  function release(path: string, entry: Entry): void {
    entry.users -= 1;
    if (entry.users === 0 && entry.url === undefined) {
      forget(path, entry);
      entry.loading.abort();
    }
    for (const [key, other] of entries) {
      if (entries.size <= most) return;
      if (other.users === 0) forget(key, other);
    }
  }

  return (path) => {
    const entry = entries.get(path) ?? load(path);
    entry.users += 1;
    entries.delete(path);
    entries.set(path, entry);
    return { url: entry.loaded, release: () => release(path, entry) };
  };
}

export const takeThumbnail = createThumbnailCache(callForBlob);
