/** The small picture of a picture of a job, or a sign that there is none; words beside it say what it shows. */
import { CircleAlert, Image as Placeholder } from 'lucide-react';
import { useImageAddress } from '../../pictures/image-address.ts';
import { takeThumbnail } from '../../pictures/thumbnail-cache.ts';
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
  const path = hasThumbnail ? addressOfThumbnail(job, item) : undefined;
  const { url, failed } = useImageAddress(path, takeThumbnail);
  if (url) return <img src={url} alt="" loading={eager ? 'eager' : 'lazy'} decoding="async" className={styles.image} />;
  const Sign = state === 'failed' ? CircleAlert : Placeholder;
  return (
    <span className={styles.none} data-loading={path && !failed ? '' : undefined} data-state={state}>
      {(!path || failed) && <Sign aria-hidden="true" />}
    </span>
  );
}
