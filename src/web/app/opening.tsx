/** Stands where a page will be whose files are on their way. */
import { useWords } from '../i18n/i18n.ts';
import styles from './shell.module.css';
import { shellMessages } from './shell-messages.ts';

export function Opening() {
  const say = useWords(shellMessages);
  return (
    <p role="status" className={styles.opening}>
      {say('opening')}
    </p>
  );
}
