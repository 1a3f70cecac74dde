/** Where an image of the service is found, which may want a key that images cannot send. */
import { useEffect, useState } from 'react';
import { asksWithoutKey, usePreferences } from '../preferences/preferences.ts';
import type { TakenThumbnail } from './thumbnail-cache.ts';

interface ImageAddress {
  /** Undefined until it is known. */
  readonly url?: string | undefined;
  readonly failed?: boolean;
}

/** Where no key is wanted the browser asks for it by itself, and keeps it; else it is taken from a cache. */
export function useImageAddress(path: string | undefined, take: (path: string) => TakenThumbnail): ImageAddress {
  const isOpen = asksWithoutKey(usePreferences());
  const kept = useKept(isOpen ? undefined : path, take);
  return isOpen ? { url: path } : kept;
}

function useKept(path: string | undefined, take: (path: string) => TakenThumbnail): ImageAddress {
  const [kept, setKept] = useState<ImageAddress & { readonly path?: string }>({});
  useEffect(() => {
    if (!path) return;
    let isWanted = true;
    const taken = take(path);
    taken.url.then(
      (url) => isWanted && setKept({ path, url }),
      () => isWanted && setKept({ path, failed: true }),
    );
    return () => {
      isWanted = false;
      taken.release();
    };
  }, [path, take]);
  return kept.path === path ? kept : {};
}
