/** How many pictures were put right, and the way to them. */
import { useQuery } from '@tanstack/react-query';
import { Inbox } from 'lucide-react';
import { useId } from 'react';
import { manage } from '../../api/manage.ts';
import type { Corrections } from '../../api/training-types.ts';
import { ButtonLink } from '../../components/button-link.tsx';
import { useWords } from '../../i18n/i18n.ts';
import { trainMessages } from './messages.ts';
import shared from './train.module.css';

export function CorrectionsCard() {
  const say = useWords(trainMessages);
  const title = useId();
  const { data } = useQuery({
    queryKey: ['corrections', 'count'],
    queryFn: ({ signal }) => manage<Corrections>('api/v1/corrections', { query: { limit: 1 }, signal }),
  });
  if (!data) return null;
  return (
    <section className={shared.band} aria-labelledby={title}>
      <div className={shared.words}>
        <h2 id={title}>{say('correctionsTitle')}</h2>
        <p className={shared.quiet}>
          {data.total === 0 ? say('correctionsNone') : say('correctionsAbout', { count: data.total })}
        </p>
      </div>
      <ButtonLink href="/train/corrections" icon={Inbox}>
        {say('correctionsOpen')}
      </ButtonLink>
    </section>
  );
}
