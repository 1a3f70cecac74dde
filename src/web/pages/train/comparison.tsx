/** The present model and the new one, judged on the same pictures, and the choice between them. */
import { useId } from 'react';
import type { Training } from '../../api/training-types.ts';
import answer from '../../components/answer.module.css';
import { Button } from '../../components/button.tsx';
import { ShareRow } from '../../components/share-row.tsx';
import { usePercent } from '../../components/use-percent.ts';
import { useWords } from '../../i18n/i18n.ts';
import { keepPresent, usePreferences } from '../../preferences/preferences.ts';
import { AnswersNow, Promotion } from './promotion.tsx';
import styles from './result.module.css';
import { Archive, Report } from './result.tsx';
import { runMessages } from './run-messages.ts';
import shared from './train.module.css';
import { isGain, rightOf, verdictOf } from './training-state.ts';
import { useActiveModel } from './use-active-model.ts';

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
  const active = useActiveModel();
  const { presentKept } = usePreferences();
  const { present, candidate, pictures, onlyCandidateRight, onlyPresentRight } = comparison;
  const isKept = presentKept.includes(training);
  const leads = isGain(comparison);
  const stays = isKept && active !== candidate.model;
  const difference = Math.abs(rightOf(candidate.top1, pictures) - rightOf(present.top1, pictures));
  return (
    <section className={shared.card} aria-labelledby={title}>
      <h2 id={title}>{say('comparison')}</h2>
      <p className={`${answer.said} ${styles.verdict}`}>
        {say(VERDICTS[verdictOf(comparison)], { count: difference })}
      </p>
      <div className={styles.sides}>
        <Side title={say('present')} judged={present} pictures={pictures} isAhead={candidate.top1 < present.top1} />
        <Side title={say('candidate')} judged={candidate} pictures={pictures} isAhead={candidate.top1 > present.top1} />
      </div>
      <div className={styles.facts}>
        <p>{say('comparisonAbout', { count: pictures })}</p>
        {onlyCandidateRight > 0 && <p>{say('onlyCandidate', { count: onlyCandidateRight })}</p>}
        {onlyPresentRight > 0 && <p>{say('onlyPresent', { count: onlyPresentRight })}</p>}
      </div>
      <div className={styles.ways}>
        <Promotion
          model={candidate.model}
          training={training}
          words={say('useNew')}
          look={leads ? 'primary' : 'secondary'}
        >
          {!isKept && (
            <Button look={leads ? 'secondary' : 'primary'} onClick={() => keepPresent(training)}>
              {say('keepPresent')}
            </Button>
          )}
        </Promotion>
        <Report training={training} />
        <Archive model={candidate.model} />
      </div>
      <p role="status" className={stays ? undefined : 'visually-hidden'}>
        {stays && say('kept')}
      </p>
    </section>
  );
}

interface SideProps {
  readonly title: string;
  readonly judged: NonNullable<Training['comparison']>['present'];
  readonly pictures: number;
  readonly isAhead: boolean;
}

function Side({ title, judged: { model, top1, loss }, pictures, isAhead }: SideProps) {
  const say = useWords(runMessages);
  const percent = usePercent();
  const active = useActiveModel();
  return (
    <div className={styles.side} data-ahead={isAhead || undefined}>
      <h3>{title}</h3>
      <p className={styles.share}>{percent(top1)}</p>
      <ShareRow
        label={say('right')}
        figure={say('classRight', { right: rightOf(top1, pictures), total: pictures })}
        share={top1}
      />
      <p className={styles.note}>
        <span className={styles.model}>{model}</span>
        <br />
        {say('averageLoss', { loss: loss.toFixed(3) })}
      </p>
      {model === active && <AnswersNow />}
    </div>
  );
}
