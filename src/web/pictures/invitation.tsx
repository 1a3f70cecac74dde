/** A place that invites to give pictures: what to do, and the means to do it. */
import type { LucideIcon } from 'lucide-react';
import type { ReactNode } from 'react';
import styles from './invitation.module.css';

interface InvitationProps {
  readonly sign: LucideIcon;
  /** A heading, or a sentence. */
  readonly title: ReactNode;
  readonly intro?: ReactNode;
  /** Buttons. */
  readonly ways: ReactNode;
  /** In small print. */
  readonly note?: ReactNode;
  /** Whether something hangs over it that can be dropped. */
  readonly isDragging?: boolean;
}

export function Invitation({ sign: Sign, title, intro, ways, note, isDragging = false }: InvitationProps) {
  return (
    <div className={styles.invitation} data-dragging={isDragging || undefined}>
      <Sign aria-hidden="true" className={styles.sign} />
      <div className={styles.title}>{title}</div>
      {intro && <p className={styles.intro}>{intro}</p>}
      <div className={styles.ways}>{ways}</div>
      {note && <p className={styles.note}>{note}</p>}
    </div>
  );
}
