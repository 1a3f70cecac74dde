/** Which Kaiyan answers here, and what it keeps. */
import { useService } from '../../api/service.ts';
import { useWords } from '../../i18n/i18n.ts';
import { settingsMessages } from './messages.ts';
import styles from './page.module.css';
import { Section } from './section.tsx';

export function About() {
  const say = useWords(settingsMessages);
  const { data } = useService();
  return (
    <Section title={say('about')}>
      <dl className={styles.facts}>
        <dt>{say('version')}</dt>
        <dd>{data ? `Kaiyan ${data.version}` : '…'}</dd>
        <dt>{say('address')}</dt>
        <dd>{new URL('.', document.baseURI).href}</dd>
        <dt>{say('licence')}</dt>
        <dd>
          {say('licenceIs')} · <a href="licences.md">{say('licencesOfParts')}</a>
        </dd>
      </dl>
      <h3>{say('privacy')}</h3>
      <ul className={styles.kept}>
        {(['picturesAre', 'jobsAre', 'ownAre', 'browserIs'] as const).map((key) => (
          <li key={key}>{say(key)}</li>
        ))}
      </ul>
    </Section>
  );
}
