/** The present model and the new one, judged on the same pictures, and the choice between them. */
import { useId, useState } from 'react';
import type { Training } from '../../api/training-types.ts';
import { Button } from '../../components/button.tsx';
import { percent } from '../../components/format.ts';
import { useWords } from '../../i18n/i18n.ts';
import styles from './result.module.css';
import { Archive, Promotion } from './result.tsx';
import { runMessages } from './run-messages.ts';
import shared from './train.module.css';
import { verdictOf } from './training-state.ts';

const VERDICTS = {
  better: 'better',
  worse: 'worse',
  'perhaps-better': 'perhapsBetter',
  'perhaps-worse': 'perhapsWorse',
  same: 'same',
  closer: 'closer',
} as const;

interface ComparisonProps {
  readonly training: string;
  readonly comparison: NonNullable<Training['comparison']>;
}

export function Comparison({ training, comparison }: ComparisonProps) {
  const say = useWords(runMessages);
  const title = useId();
  const [kept, setKept] = useState(false);
  const { present, candidate, pictures, onlyCandidateRight, onlyPresentRight } = comparison;
  const verdict = verdictOf(comparison);
  return (
    <section className={shared.card} aria-labelledby={title}>
      <h2 id={title}>{say('comparison')}</h2>
      <p className={shared.quiet}>{say('comparisonAbout', { count: pictures })}</p>
      <div className={styles.sides}>
        <Side title={say('present')} judged={present} isAhead={present.top1 > candidate.top1} />
        <Side title={say('candidate')} judged={candidate} isAhead={candidate.top1 > present.top1} />
      </div>
      <p className={styles.verdict}>{say(VERDICTS[verdict])}</p>
      <ul className={styles.facts}>
        {onlyCandidateRight > 0 && <li>{say('onlyCandidate', { count: onlyCandidateRight })}</li>}
        {onlyPresentRight > 0 && <li>{say('onlyPresent', { count: onlyPresentRight })}</li>}
      </ul>
      <div className={styles.ways}>
        <Promotion model={candidate.model} training={training} words={say('useNew')} />
        {!kept && <Button onClick={() => setKept(true)}>{say('keepPresent')}</Button>}
        <Archive model={candidate.model} />
      </div>
      <p role="status">{kept && say('kept')}</p>
    </section>
  );
}

interface SideProps {
  readonly title: string;
  readonly judged: NonNullable<Training['comparison']>['present'];
  readonly isAhead: boolean;
}

function Side({ title, judged: { model, top1, loss }, isAhead }: SideProps) {
  const say = useWords(runMessages);
  return (
    <div className={styles.side} data-ahead={isAhead || undefined}>
      <h3>{title}</h3>
      <p>
        <span className={styles.share}>{percent(top1)}</span> {say('right')}
      </p>
      <p className={styles.note}>{say('averageLoss', { loss: loss.toFixed(3) })}</p>
      <p className={styles.model}>{model}</p>
    </div>
  );
}
