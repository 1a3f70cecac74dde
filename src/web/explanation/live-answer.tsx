/** What the network says now, and how far that is from what it said at first. */
import { useEffect, useState } from 'react';
import type { Classification } from '../api/types.ts';
import { AnswerSentence } from '../components/answer.tsx';
import { ShareRow } from '../components/share-row.tsx';
import { usePercent } from '../components/use-percent.ts';
import { useWords } from '../i18n/i18n.ts';
import { AskedProblem } from './asked-problem.tsx';
import { type Change, changesBetween } from './changes.ts';
import styles from './live-answer.module.css';
import { explanationMessages } from './messages.ts';
import type { Live } from './newest-answer.ts';

interface LiveAnswerProps {
  readonly before: Classification;
  readonly live: Live<Classification>;
  readonly onRetry: () => void;
}

const MOST = 3;

export function LiveAnswer({ before, live, onRetry }: LiveAnswerProps) {
  const say = useWords(explanationMessages);
  const now = live.answer ?? before;
  return (
    <section className={styles.answer} aria-label={say('changes')} aria-busy={live.busy}>
      {live.error !== undefined ? (
        <AskedProblem error={live.error} onRetry={onRetry} />
      ) : (
        <>
          <div className={styles.sentence}>
            <h3>{say(live.answer ? 'now' : 'asItWas')}</h3>
            <AnswerSentence {...now} />
          </div>
          <ol className={styles.changes}>
            {changesBetween(before.predictions, now.predictions, MOST).map((change) => (
              <Row key={change.index} change={change} />
            ))}
          </ol>
          <p className={styles.note}>{say(live.answer ? 'legendBefore' : 'notChanged')}</p>
        </>
      )}
      <Spoken live={live} />
    </section>
  );
}

function Row({ change: { label, before, after } }: { readonly change: Change }) {
  const say = useWords(explanationMessages);
  const percent = usePercent();
  const points = (after - before) * 100;
  const sign = points > 0 ? '+' : '−';
  const isChanged = Math.abs(points) >= 0.05;
  return (
    <li title={say('was', { before: percent(before) })}>
      <ShareRow
        label={label}
        figure={
          <>
            {isChanged && (
              <span className={styles.points}>{say('points', { sign, points: Math.abs(points).toFixed(1) })}</span>
            )}{' '}
            <span className={styles.now}>{percent(after)}</span>
          </>
        }
        share={after}
        mark={before}
      />
    </li>
  );
}

const SETTLED_MS = 1000;

/** Read out when the answer has come to rest, not while it moves. */
function Spoken({ live: { answer, busy } }: { readonly live: Live<Classification> }) {
  const say = useWords(explanationMessages);
  const percent = usePercent();
  const [spoken, setSpoken] = useState('');
  useEffect(() => {
    const [best] = answer?.predictions ?? [];
    if (!answer || !best || busy) return;
    const { level, label, probability } = answer.answer;
    const words =
      level === 'unsure'
        ? say('spokenUnsure', { label: best.label, share: percent(best.probability) })
        : say('spoken', { label: label ?? '', share: percent(probability) });
    const timer = setTimeout(() => setSpoken(words), SETTLED_MS);
    return () => clearTimeout(timer);
  }, [answer, busy, say, percent]);
  return (
    <p role="status" className="visually-hidden">
      {spoken}
    </p>
  );
}
