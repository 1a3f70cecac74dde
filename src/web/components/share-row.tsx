/** A name with its figure, and below both a bar as long as its share. */
import type { ReactNode } from 'react';
import styles from './share-row.module.css';

interface ShareRowProps {
  readonly label: string;
  /** The share as it is to be read. */
  readonly figure: ReactNode;
  /** 0..1 */
  readonly share: number;
  /** 0..1, for a line there: what it was before. */
  readonly mark?: number;
}

export function ShareRow({ label, figure, share, mark }: ShareRowProps) {
  return (
    <span className={styles.row}>
      <span className={styles.label}>{label}</span> <span className={styles.figure}>{figure}</span>
      <span className={styles.track} aria-hidden="true" data-marked={mark !== undefined || undefined}>
        <span className={styles.bar} style={{ inlineSize: `${share * 100}%` }} />
        {mark !== undefined && <span className={styles.mark} style={{ insetInlineStart: `${mark * 100}%` }} />}
      </span>
    </span>
  );
}
