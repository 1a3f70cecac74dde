/** The small picture of a picture of a job, or a sign that there is none; words beside it say what it shows. */
import { CircleAlert, Image as Placeholder } from 'lucide-react';
import { useEffect, useState } from 'react';
import { takeThumbnail } from '../../pictures/thumbnail-cache.ts';
import { asksWithoutKey, usePreferences } from '../../preferences/preferences.ts';
import { addressOfThumbnail } from './following.ts';
import type { Row } from './rows.ts';
import styles from './thumbnail.module.css';

interface ThumbnailProps {
  readonly job: string;
  readonly row: Pick<Row, 'item' | 'hasThumbnail' | 'state'>;
  /** At once, and not only when it comes into view. */
  readonly eager?: boolean;
}

export function Thumbnail({ job, row: { item, hasThumbnail, state }, eager = false }: ThumbnailProps) {
  const isOpen = asksWithoutKey(usePreferences());
  const path = hasThumbnail ? addressOfThumbnail(job, item) : undefined;
  const kept = useKept(isOpen ? undefined : path);
  const url = isOpen ? path : kept;
  if (url) return <img src={url} alt="" loading={eager ? 'eager' : 'lazy'} decoding="async" className={styles.image} />;
  const Sign = state === 'failed' ? CircleAlert : Placeholder;
  return (
    <span className={styles.none} data-loading={path ? '' : undefined} data-state={state}>
      {!path && <Sign aria-hidden="true" />}
    </span>
  );
}

/** The address of one that is fetched with the key. */
function useKept(path: string | undefined): string | undefined {
  const [kept, setKept] = useState<{ readonly path: string; readonly url: string }>();
  useEffect(() => {
    if (!path) return;
    let isWanted = true;
    const taken = takeThumbnail(path);
    taken.url.then(
      (url) => isWanted && setKept({ path, url }),
      () => undefined,
    );
    return () => {
      isWanted = false;
      taken.release();
    };
  }, [path]);
  return kept?.path === path ? kept?.url : undefined;
}
