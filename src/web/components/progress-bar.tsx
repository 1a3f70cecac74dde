/** How far something is. */
import styles from './progress-bar.module.css';

interface ProgressBarProps {
  readonly label: string;
  /** 0..1; undefined while that is not known. */
  readonly share: number | undefined;
  /** How much of it failed, at the end of what is done; 0..1 */
  readonly failed?: number;
}

export function ProgressBar({ label, share, failed = 0 }: ProgressBarProps) {
  if (share === undefined)
    return (
      <div className={styles.track} role="progressbar" aria-label={label}>
        <span className={styles.moving} />
      </div>
    );
  return (
    <div
      className={styles.track}
      role="progressbar"
      aria-label={label}
      aria-valuemin={0}
      aria-valuemax={100}
      aria-valuenow={Math.floor(share * 100)}
    >
      <span className={styles.bar} style={{ inlineSize: `${(share - failed) * 100}%` }} />
      <span className={styles.failed} style={{ inlineSize: `${failed * 100}%` }} />
    </div>
  );
}
