/** A small picture that the service shows to those alone who manage it. */
import { ImageOff } from 'lucide-react';
import { useEffect, useState } from 'react';
import { callForBlob } from '../api/call.ts';
import { asksWithoutKey, usePreferences } from '../preferences/preferences.ts';
import styles from './private-image.module.css';
import { createThumbnailCache } from './thumbnail-cache.ts';

interface PrivateImageProps {
  readonly path: string;
  /** Empty where words beside it say what it is. */
  readonly alt?: string;
  readonly className?: string | undefined;
}

/** Where no key is wanted the browser asks for it by itself, and keeps it. */
export function PrivateImage({ path, alt = '', className = '' }: PrivateImageProps) {
  const isOpen = asksWithoutKey(usePreferences());
  const kept = useKept(isOpen ? undefined : path);
  const [failed, setFailed] = useState<string>();
  const url = isOpen ? path : kept.url;
  if (failed === path || kept.failed)
    return (
      <span className={`${styles.none} ${className}`}>
        <ImageOff aria-hidden="true" />
      </span>
    );
  if (!url) return <span className={`${styles.none} ${className}`} />;
  return (
    <img
      src={url}
      alt={alt}
      loading="lazy"
      decoding="async"
      draggable={false}
      className={`${styles.image} ${className}`}
      onError={() => setFailed(path)}
    />
  );
}

const take = createThumbnailCache((path, request) => callForBlob(path, { ...request, manages: true }));

interface Kept {
  readonly path?: string;
  readonly url?: string;
  readonly failed?: boolean;
}

function useKept(path: string | undefined): Kept {
  const [kept, setKept] = useState<Kept>({});
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
  }, [path]);
  return kept.path === path ? kept : {};
}
