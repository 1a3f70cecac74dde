/** Why a page that is not on a secure address has no camera, and how to get one. */
import { ShieldAlert } from 'lucide-react';
import { ButtonLink } from '../components/button-link.tsx';
import { useWords } from '../i18n/i18n.ts';
import { localAddress, SERVE_COMMAND } from './addresses.ts';
import { cameraMessages } from './messages.ts';
import styles from './notice.module.css';

export function NotSecure() {
  const say = useWords(cameraMessages);
  const local = localAddress(window.location);
  return (
    <div className={styles.notice}>
      <ShieldAlert aria-hidden="true" />
      <h2>{say('notSecure')}</h2>
      <p>{say('notSecureWhy')}</p>
      <ul className={styles.list}>
        <li>
          {say('openLocally')} <a href={local}>{local}</a>
        </li>
        <li>
          {say('serveSecurely')} <code>{SERVE_COMMAND}</code>
        </li>
        <li>{say('photoInstead')}</li>
      </ul>
      <div className={styles.ways}>
        <ButtonLink href="/" look="primary">
          {say('instead')}
        </ButtonLink>
      </div>
    </div>
  );
}
