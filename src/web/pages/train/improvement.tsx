/** Lets a new model learn from what was put right, and leads to where it is compared with the present one. */
import { useQueryClient } from '@tanstack/react-query';
import { GraduationCap } from 'lucide-react';
import { useId } from 'react';
import { Link, useLocation } from 'wouter';
import { manage } from '../../api/manage.ts';
import type { Training } from '../../api/training-types.ts';
import { useDeed } from '../../api/use-deed.ts';
import { ManagedProblem } from '../../components/admin-token.tsx';
import { Button } from '../../components/button.tsx';
import { useWords } from '../../i18n/i18n.ts';
import { usePreferences } from '../../preferences/preferences.ts';
import { TRAININGS } from './addresses.ts';
import { inboxMessages } from './corrections-messages.ts';
import styles from './corrections-page.module.css';
import { usePromotions } from './promotions.tsx';
import shared from './train.module.css';
import { useTrainings } from './training-list.tsx';
import { hasEnded } from './training-state.ts';

export function Improvement({ isSufficient }: { readonly isSufficient: boolean }) {
  const say = useWords(inboxMessages);
  const title = useId();
  const queries = useQueryClient();
  const [, open] = useLocation();
  const { data } = useTrainings();
  const { data: history } = usePromotions();
  const last = data?.trainings.find(({ source }) => source.fromCorrections);
  const isUnderWay = last !== undefined && !hasEnded(last);
  const { presentKept } = usePreferences();
  const isUndecided = ({ id, comparison }: Pick<Training, 'id' | 'comparison'>) =>
    comparison !== null &&
    !presentKept.includes(id) &&
    history?.promotions.every(({ to }) => to.reference !== comparison.candidate.model);
  const starting = useDeed({
    mutationFn: () => manage<Training>(TRAININGS, { method: 'POST', json: { fromCorrections: true } }),
    onSuccess: ({ id }) => {
      void queries.invalidateQueries({ queryKey: ['trainings'] });
      open(`/train/runs/${encodeURIComponent(id)}`);
    },
  });
  return (
    <section className={shared.band} aria-labelledby={title}>
      <div className={shared.words}>
        <h2 id={title}>{say('improve')}</h2>
        <p className={shared.quiet}>{say('improveAbout')}</p>
        {!isSufficient && <p>{say('notYet')}</p>}
      </div>
      {!isUnderWay && (
        <Button
          look="primary"
          icon={GraduationCap}
          disabled={!isSufficient}
          waiting={starting.isPending}
          onClick={() => starting.mutate()}
        >
          {say('improve')}
        </Button>
      )}
      {last && (isUnderWay || isUndecided(last)) && (
        <p className={styles.news}>
          {say(isUnderWay ? 'underWay' : 'decide')}
          <Link href={`/train/runs/${encodeURIComponent(last.id)}`}>{say(isUnderWay ? 'watch' : 'compare')}</Link>
        </p>
      )}
      {starting.isError && (
        <div className={styles.problem}>
          <ManagedProblem error={starting.error} onRetry={() => starting.mutate()} />
        </div>
      )}
    </section>
  );
}
