/** A group of settings: its name on the left where there is room. */
import { type ReactNode, useId } from 'react';
import styles from './page.module.css';

interface SectionProps {
  readonly title: string;
  readonly about?: string;
  readonly children: ReactNode;
}

export function Section({ title, about, children }: SectionProps) {
  const id = useId();
  return (
    <section className={styles.section} aria-labelledby={id}>
      <div className={styles.name}>
        <h2 id={id}>{title}</h2>
        {about && <p className={styles.quiet}>{about}</p>}
      </div>
      <div className={styles.controls}>{children}</div>
    </section>
  );
}
