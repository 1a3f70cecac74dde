/** Yes or no. */
import type { ReactNode } from 'react';
import styles from './check.module.css';

interface CheckProps {
  readonly checked: boolean;
  /** Id of what says more about it. */
  readonly describedBy?: string;
  readonly onChange: (checked: boolean) => void;
  /** Its label. */
  readonly children: ReactNode;
}

export function Check({ checked, describedBy, onChange, children }: CheckProps) {
  return (
    <label className={styles.check}>
      <input
        type="checkbox"
        checked={checked}
        aria-describedby={describedBy}
        onChange={({ currentTarget }) => onChange(currentTarget.checked)}
      />
      {children}
    </label>
  );
}
