/** Text of a machine, which may be long and wide. */
import styles from './page.module.css';

interface CodeBlockProps {
  /** What it is, read out. */
  readonly label: string;
  readonly text: string;
}

export function CodeBlock({ label, text }: CodeBlockProps) {
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: who has no mouse has to scroll it
    <section className={styles.code} aria-label={label} tabIndex={0}>
      <pre lang="en">{text}</pre>
    </section>
  );
}
