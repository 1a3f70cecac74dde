/** What was trained, the newest first. */
import { useQuery } from '@tanstack/react-query';
import { CircleAlert, CircleCheck, CirclePause, Hourglass, LoaderCircle, type LucideIcon } from 'lucide-react';
import { useId, useState } from 'react';
import { Link } from 'wouter';
import { manage } from '../../api/manage.ts';
import type { Training, Trainings } from '../../api/training-types.ts';
import { Button } from '../../components/button.tsx';
import { dateAndTime } from '../../components/times.ts';
import { usePercent } from '../../components/use-percent.ts';
import { useWords } from '../../i18n/i18n.ts';
import { usePreferences } from '../../preferences/preferences.ts';
import { TRAININGS } from './addresses.ts';
import { trainMessages } from './messages.ts';
import shared from './train.module.css';
import styles from './training-list.module.css';
import { hasEnded } from './training-state.ts';

const FIRST = 5;
const AGAIN_MS = 2000;

const SIGNS: Readonly<Record<Training['state'], LucideIcon>> = {
  waiting: Hourglass,
  running: LoaderCircle,
  done: CircleCheck,
  stopped: CirclePause,
  failed: CircleAlert,
};

export const useTrainings = () =>
  useQuery({
    queryKey: ['trainings'],
    queryFn: ({ signal }) => manage<Trainings>(TRAININGS, { signal }),
    // Somebody may have begun one in another window.
    refetchOnWindowFocus: true,
    refetchInterval: ({ state }) => (state.data?.trainings.some((one) => !hasEnded(one)) ? AGAIN_MS : false),
  });

export function TrainingList() {
  const say = useWords(trainMessages);
  const percent = usePercent();
  const { language } = usePreferences();
  const title = useId();
  const [all, setAll] = useState(false);
  const { data } = useTrainings();
  if (!data || data.trainings.length === 0) return null;
  const shown = all ? data.trainings : data.trainings.slice(0, FIRST);
  return (
    <section className={shared.section} aria-labelledby={title}>
      <h2 id={title}>{say('trainings')}</h2>
      <ul className={styles.trainings}>
        {shown.map((training) => (
          <li key={training.id} className={`${styles.training} ${shared.covered}`}>
            <Link href={`/train/runs/${encodeURIComponent(training.id)}`} className={`${styles.name} ${shared.cover}`}>
              {training.result?.model ?? training.options.output}
            </Link>
            <StateOfTraining training={training} />
            <span className={shared.quiet}>
              {training.source.fromCorrections ? say('fromCorrections') : training.source.dataset} ·{' '}
              {dateAndTime(training.created, language)}
            </span>
            {training.result && (
              <span className={shared.quiet}>
                {say('rightShare', { share: percent(training.result.validation.top1, 0) })}
              </span>
            )}
          </li>
        ))}
      </ul>
      {shown.length < data.trainings.length && (
        <div className={shared.actions}>
          <Button onClick={() => setAll(true)}>{say('moreTrainings')}</Button>
        </div>
      )}
    </section>
  );
}

function StateOfTraining({
  training: { state, interrupted },
}: {
  readonly training: Pick<Training, 'state' | 'interrupted'>;
}) {
  const say = useWords(trainMessages);
  const Sign = SIGNS[state];
  return (
    <span className={styles.state} data-state={state}>
      <Sign aria-hidden="true" />
      {say(interrupted ? 'interrupted' : state)}
    </span>
  );
}
