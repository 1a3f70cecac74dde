/** One training: while it goes on, and what came of it. */
import { useQueryClient } from '@tanstack/react-query';
import { ArrowLeft, RotateCw, Trash2 } from 'lucide-react';
import { useEffect, useId, useState } from 'react';
import { useLocation, useParams } from 'wouter';
import { CallError, refusedWith } from '../../api/call.ts';
import { manageSilently } from '../../api/manage.ts';
import type { Training } from '../../api/training-types.ts';
import { useDeed } from '../../api/use-deed.ts';
import { ManagedProblem } from '../../components/admin-token.tsx';
import { Button } from '../../components/button.tsx';
import { ButtonLink } from '../../components/button-link.tsx';
import { Dialog } from '../../components/dialog.tsx';
import { Page } from '../../components/page.tsx';
import { Problem } from '../../components/problem.tsx';
import { useWords } from '../../i18n/i18n.ts';
import { addressOfTraining } from './addresses.ts';
import { Comparison } from './comparison.tsx';
import { Curves } from './curves.tsx';
import { Findings } from './findings.tsx';
import { Progress } from './progress.tsx';
import { commitQuietly } from './removal.ts';
import { Removed } from './removed.tsx';
import { Result } from './result.tsx';
import { runMessages } from './run-messages.ts';
import styles from './run-page.module.css';
import shared from './train.module.css';
import { hasEnded } from './training-state.ts';
import { TryIt } from './try-it.tsx';
import { useTraining } from './use-training.ts';

export default function RunPage() {
  const { id = '' } = useParams<{ id: string }>();
  return <Run key={id} id={id} />;
}

function Run({ id }: { readonly id: string }) {
  const say = useWords(runMessages);
  const { training, error, isLost, restart } = useTraining(id);
  useEffect(() => commitQuietly, []);
  const isGone = refusedWith(error)?.status === 404;
  const name = training?.result?.model ?? training?.options.output ?? '';
  return (
    <Page title={say('title', { name })} intro={isGone ? say('gone') : ''} actions={<Back training={training} />}>
      <p role="status" className={isLost ? styles.lost : 'visually-hidden'}>
        {isLost && say('lost')}
      </p>
      {error !== null && !isGone && <ManagedProblem error={error} onRetry={restart} />}
      {!training && error === null && <p role="status">{say('loading')}</p>}
      {training && <Bench training={training} isLost={isLost} onChanged={restart} />}
      {training?.source.dataset && <Removed dataset={training.source.dataset} />}
    </Page>
  );
}

function Back({ training }: { readonly training: Training | undefined }) {
  const say = useWords(runMessages);
  const { dataset, fromCorrections } = training?.source ?? { dataset: null, fromCorrections: false };
  const href = fromCorrections
    ? '/train/corrections'
    : dataset
      ? `/train/data/${encodeURIComponent(dataset)}`
      : '/train';
  return (
    <ButtonLink href={href} icon={ArrowLeft}>
      {say(fromCorrections ? 'backToCorrections' : 'back')}
    </ButtonLink>
  );
}

interface BenchProps {
  readonly training: Training;
  readonly isLost: boolean;
  readonly onChanged: () => void;
}

function Bench({ training, isLost, onChanged }: BenchProps) {
  const { state, result, comparison, curve, findings, source, options } = training;
  return (
    <div className={styles.bench}>
      <div className={styles.column}>
        {!hasEnded(training) && <Progress training={training} isLost={isLost} />}
        {(state === 'failed' || state === 'stopped') && <Ended training={training} onChanged={onChanged} />}
        {comparison && <Comparison training={training.id} comparison={comparison} />}
        {result && !comparison && <Result training={training} result={result} />}
        {result && <TryIt model={result.model} />}
        {hasEnded(training) && <Next training={training} />}
      </div>
      <div className={styles.column}>
        {curve.length > 0 && <Curves curve={curve} epochs={options.epochs} />}
        {(findings.length > 0 || state === 'done') && <Findings findings={findings} dataset={source.dataset} />}
      </div>
    </div>
  );
}

/** What may come after it. */
function Next({ training: { id, source } }: Pick<BenchProps, 'training'>) {
  const say = useWords(runMessages);
  const [, open] = useLocation();
  const queries = useQueryClient();
  const [asked, setAsked] = useState(false);
  const deletion = useDeed({
    mutationFn: () => manageSilently(addressOfTraining(id), { method: 'DELETE' }),
    onSuccess: () => {
      void queries.invalidateQueries({ queryKey: ['trainings'] });
      open('/train');
    },
  });
  return (
    <div className={`${shared.actions} ${styles.unprinted}`}>
      {source.dataset !== null && (
        <ButtonLink href={`/train/data/${encodeURIComponent(source.dataset)}`} icon={RotateCw}>
          {say('trainAgain')}
        </ButtonLink>
      )}
      <Button look="quiet" icon={Trash2} onClick={() => setAsked(true)}>
        {say('deleteTraining')}
      </Button>
      <Dialog title={say('deleteTitle')} open={asked} onClose={() => setAsked(false)}>
        <p>{say('deleteAdvice')}</p>
        {deletion.isError && <ManagedProblem error={deletion.error} onRetry={() => deletion.mutate()} />}
        <div className={shared.actions}>
          <Button look="primary" icon={Trash2} waiting={deletion.isPending} onClick={() => deletion.mutate()}>
            {say('deleteForGood')}
          </Button>
          <Button onClick={() => setAsked(false)}>{say('keep')}</Button>
        </div>
      </Dialog>
    </div>
  );
}

function wordsOfEnd({ state, interrupted, result, error }: Training) {
  if (state === 'failed') return ['failed', error?.code === 'INTERNAL' ? 'failedElse' : 'failedAdvice'] as const;
  if (interrupted) return ['interrupted', 'interruptedAdvice'] as const;
  return ['stopped', result ? 'stoppedResult' : 'stoppedAdvice'] as const;
}

/** It was stopped or has failed: why, and how it goes on. */
function Ended({ training, onChanged }: Omit<BenchProps, 'isLost'>) {
  const say = useWords(runMessages);
  const title = useId();
  const { id, error } = training;
  const [heading, advice] = wordsOfEnd(training);
  const resuming = useDeed({
    mutationFn: () => manageSilently(`${addressOfTraining(id)}/resume`, { method: 'POST' }),
    onSuccess: onChanged,
  });
  const why =
    error && new CallError({ kind: 'refused', status: 422, code: error.code, sentence: error.error, retryAfter: null });
  return (
    <section className={shared.card} aria-labelledby={title}>
      <h2 id={title} className={why ? 'visually-hidden' : undefined}>
        {say(heading)}
      </h2>
      {why && <Problem error={why} />}
      <p>{say(advice)}</p>
      <div className={shared.actions}>
        <Button look="primary" icon={RotateCw} waiting={resuming.isPending} onClick={() => resuming.mutate()}>
          {say(heading === 'failed' ? 'again' : 'resume')}
        </Button>
      </div>
      {resuming.isError && <ManagedProblem error={resuming.error} onRetry={() => resuming.mutate()} />}
    </section>
  );
}
