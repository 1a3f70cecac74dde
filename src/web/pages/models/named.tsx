/** A model by its letter, which stands for it where there is little room, and its name. */
import type { Choice } from './choice.ts';
import styles from './compare.module.css';

const LETTERS = ['A', 'B', 'C', 'D'] as const;
export const letterOf = (model: number): string => LETTERS[model] ?? '?';

export const Named = ({ choice, at }: { readonly choice: Choice; readonly at: number }) => (
  <span className={styles.named}>
    <span className={styles.letter}>{letterOf(at)}</span>
    <span>
      {choice.reference} <span className={styles.quiet}>{choice.precision.toUpperCase()}</span>
    </span>
  </span>
);
