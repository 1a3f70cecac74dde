/** A name with its figure, and below both a bar as long as its share. */
import styles from './share-row.module.css';

interface ShareRowProps {
  readonly label: string;
  /** The share as it is to be read. */
  readonly figure: string;
  /** 0..1 */
  readonly share: number;
}

export function ShareRow({ label, figure, share }: ShareRowProps) {
  return (
    <span className={styles.row}>
      <span className={styles.label}>{label}</span> <span className={styles.figure}>{figure}</span>
      <span className={styles.track} aria-hidden="true">
        <span className={styles.bar} style={{ inlineSize: `${share * 100}%` }} />
      </span>
    </span>
  );
}
