/** How far a training is: its steps, the one that it is at, and the way to end it. */
import { Check, CircleStop } from 'lucide-react';
import { useId } from 'react';
import { manageSilently } from '../../api/manage.ts';
import type { Training } from '../../api/training-types.ts';
import { useDeed } from '../../api/use-deed.ts';
import { ManagedProblem } from '../../components/admin-token.tsx';
import { Button } from '../../components/button.tsx';
import { ProgressBar } from '../../components/progress-bar.tsx';
import { duration } from '../../components/times.ts';
import { useWords } from '../../i18n/i18n.ts';
import { usePreferences } from '../../preferences/preferences.ts';
import { addressOfTraining } from './addresses.ts';
import styles from './progress.module.css';
import { runMessages } from './run-messages.ts';
import shared from './train.module.css';
import { STEPS, shareOf, stepOf } from './training-state.ts';

interface ProgressProps {
  readonly training: Training;
  /** Nobody knows whether it goes on. */
  readonly isLost: boolean;
}

export function Progress({ training, isLost }: ProgressProps) {
  const say = useWords(runMessages);
  const title = useId();
  const { id, state, progress } = training;
  const stopping = useDeed({
    mutationFn: () => manageSilently(`${addressOfTraining(id)}/stop`, { method: 'POST' }),
  });
  const at = progress ? STEPS.indexOf(stepOf(progress)) : -1;
  const step = STEPS[at];
  return (
    <section className={shared.card} aria-labelledby={title}>
      <div className={styles.head}>
        <h2 id={title}>{say('running')}</h2>
      </div>
      {/* A step is worth a word; how far it is can be asked for. */}
      <p role="status" className={step ? 'visually-hidden' : undefined}>
        {step ? say(step) : say(state === 'waiting' ? 'waiting' : 'starting')}
      </p>
      <ol className={styles.steps}>
        {STEPS.map((one, position) => {
          const is = position < at ? 'done' : position === at ? 'now' : 'later';
          return (
            <li key={one} className={styles.step} data-is={is} aria-current={is === 'now' ? 'step' : undefined}>
              <span className={styles.sign} aria-hidden="true">
                {is === 'done' ? <Check /> : position + 1}
              </span>
              <span>
                {say(one)} {is === 'done' && <span className="visually-hidden">({say('stepDone')})</span>}
              </span>
              {is === 'now' && progress && <Now progress={progress} words={say(one)} isLost={isLost} />}
            </li>
          );
        })}
      </ol>
      <div className={styles.stop}>
        <Button icon={CircleStop} waiting={stopping.isPending || stopping.isSuccess} onClick={() => stopping.mutate()}>
          {say(stopping.isSuccess || stopping.isPending ? 'stopping' : 'stop')}
        </Button>
        <span>{say('stopNote')}</span>
      </div>
      {stopping.isError && <ManagedProblem error={stopping.error} onRetry={() => stopping.mutate()} />}
      {!isLost && <p className={styles.stop}>{say('mayLeave')}</p>}
    </section>
  );
}

interface NowProps {
  readonly progress: NonNullable<Training['progress']>;
  readonly words: string;
  readonly isLost: boolean;
}

function Now({ progress, words, isLost }: NowProps) {
  const say = useWords(runMessages);
  const { language } = usePreferences();
  const { done, total, secondsLeft } = progress;
  const share = shareOf(progress);
  return (
    <div className={styles.now}>
      <ProgressBar label={words} share={share} />
      <p className={styles.figures}>
        <span>{total > 1 && `${done} / ${total}`}</span>
        <span>
          {share !== undefined &&
            secondsLeft !== null &&
            !isLost &&
            say('left', { time: duration(secondsLeft, language) })}
        </span>
      </p>
    </div>
  );
}
