/** The frame that all pages share: a heading that is read out when the page opens, and what it is for. */
import { type ReactNode, useEffect, useRef } from 'react';
import styles from './page.module.css';

interface PageProps {
  readonly title: string;
  /** One sentence on what the page is for. */
  readonly intro?: ReactNode;
  /** What stands beside the heading. */
  readonly actions?: ReactNode;
  /** Where the content speaks for itself, the heading is only read out. */
  readonly headingHidden?: boolean;
  readonly children: ReactNode;
}

let opened = false;

export function Page({ title, intro, actions, headingHidden = false, children }: PageProps) {
  const heading = useRef<HTMLHeadingElement>(null);
  useEffect(() => {
    // Who came from another page hears where they are; who has just arrived starts at the top.
    if (opened) {
      heading.current?.focus({ preventScroll: true });
      window.scrollTo(0, 0);
    }
    opened = true;
  }, []);
  useEffect(() => {
    document.title = `${title} · Kaiyan 开眼`;
  }, [title]);
  return (
    <div className={styles.page}>
      <header className={headingHidden ? 'visually-hidden' : styles.head}>
        <div>
          <h1 ref={heading} tabIndex={-1}>
            {title}
          </h1>
          {intro && <p className={styles.intro}>{intro}</p>}
        </div>
        {actions && <div className={styles.actions}>{actions}</div>}
      </header>
      {children}
    </div>
  );
}
