/** How many pictures were put right, and the way to them. */
import { useQuery } from '@tanstack/react-query';
import { Inbox } from 'lucide-react';
import { useId } from 'react';
import { Link } from 'wouter';
import { manage } from '../../api/manage.ts';
import type { Corrections } from '../../api/training-types.ts';
import { buttonClass } from '../../components/button.tsx';
import { useWords } from '../../i18n/i18n.ts';
import styles from './corrections-card.module.css';
import { trainMessages } from './messages.ts';

export function CorrectionsCard() {
  const say = useWords(trainMessages);
  const title = useId();
  const { data } = useQuery({
    queryKey: ['corrections', 'count'],
    queryFn: ({ signal }) => manage<Corrections>('api/v1/corrections', { query: { limit: 1 }, signal }),
  });
  if (!data) return null;
  return (
    <section className={styles.card} aria-labelledby={title}>
      <div className={styles.words}>
        <h2 id={title}>{say('correctionsTitle')}</h2>
        <p>{data.total === 0 ? say('correctionsNone') : say('correctionsAbout', { count: data.total })}</p>
      </div>
      <Link href="/train/corrections" className={buttonClass('secondary')}>
        <Inbox aria-hidden="true" className={styles.icon} />
        {say('correctionsOpen')}
      </Link>
    </section>
  );
}
