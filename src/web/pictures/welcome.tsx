/** Before there is a picture: how to give one, beside examples to begin with. */
import type { ReactNode } from 'react';
import { ExampleChoice } from './example-choice.tsx';
import styles from './welcome.module.css';

interface WelcomeProps {
  readonly invitation: ReactNode;
  /** The heading of the examples. */
  readonly tryOne: string;
  readonly onFile: (file: File) => void;
}

export function Welcome({ invitation, tryOne, onFile }: WelcomeProps) {
  return (
    <div className={styles.welcome}>
      {invitation}
      <section className={styles.examples}>
        <h2>{tryOne}</h2>
        <ExampleChoice onFile={onFile} />
      </section>
    </div>
  );
}
