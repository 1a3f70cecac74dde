/** The answer for one picture, with what stands behind it, and what can be done with it. */
import { Eye } from 'lucide-react';
import { Suspense } from 'react';
import type { Classification } from '../../api/types.ts';
import { AnswerSentence } from '../../components/answer.tsx';
import { answerMessages } from '../../components/answer-messages.ts';
import { ButtonLink } from '../../components/button-link.tsx';
import { milliseconds } from '../../components/format.ts';
import { later } from '../../components/later.ts';
import { Predictions } from '../../components/predictions.tsx';
import { Problem } from '../../components/problem.tsx';
import { usePercent } from '../../components/use-percent.ts';
import { useWords } from '../../i18n/i18n.ts';
import type { Picture } from '../../pictures/collection.ts';
import styles from './answer-panel.module.css';
import { classifyMessages } from './messages.ts';
import { useClassification } from './use-classification.ts';

// What floats above the page is needed once there is an answer, and would keep people waiting for the page.
// Without it, the answer is there all the same.
const nothing = () => null;
const Snippets = later(() => import('./snippets.tsx'), nothing);
const PictureCard = later(() => import('./picture-card.tsx'), nothing);
const NotRight = later(async () => ({ default: (await import('../../corrections/not-right.tsx')).NotRight }), nothing);

const MOST_CATEGORIES = 5;

export function AnswerPanel({ picture }: { readonly picture: Picture }) {
  const say = useWords(classifyMessages);
  const sayAnswer = useWords(answerMessages);
  const { data, error, refetch, isFetching } = useClassification(picture);
  return (
    <section className={styles.panel} aria-label={say('answer')} aria-busy={isFetching}>
      <div role="status">
        {data && <AnswerSentence {...data} />}
        {!data && !error && <p className={styles.looking}>{sayAnswer('looking')}</p>}
      </div>
      {data ? (
        <Details classification={data} picture={picture} />
      ) : (
        error && <Problem error={error} onRetry={() => void refetch()} />
      )}
    </section>
  );
}

interface DetailsProps {
  readonly classification: Classification;
  readonly picture: Picture;
}

function Details({ classification, picture }: DetailsProps) {
  const say = useWords(classifyMessages);
  const sayAnswer = useWords(answerMessages);
  const { answer, predictions, categories, flags, model, timing } = classification;
  const times = {
    decode: milliseconds(timing.decodeMs),
    model: milliseconds(timing.inferenceMs),
    queue: milliseconds(timing.queueMs),
  };
  return (
    <>
      {answer.level === 'group' && <p className={styles.explanation}>{sayAnswer('groupOnly')}</p>}
      {answer.level === 'unsure' && <p className={styles.explanation}>{sayAnswer('nothingSure')}</p>}
      <Chips title={sayAnswer('flags')} entries={flags.map(({ name, probability }) => [name, probability])} flagged />
      <Predictions predictions={predictions} />
      <Chips
        title={sayAnswer('categories')}
        entries={categories.slice(0, MOST_CATEGORIES).map(({ label, probability }) => [label, probability])}
      />
      <div className={styles.actions}>
        <ButtonLink href="/see" icon={Eye}>
          {say('howItSees')}
        </ButtonLink>
        <Suspense fallback={null}>
          <Snippets picture={picture} classification={classification} />
          <PictureCard picture={picture} classification={classification} />
        </Suspense>
      </div>
      <div className={styles.foot}>
        <p className={styles.origin}>
          {model.name} · {model.precision.toUpperCase()} ·{' '}
          <span title={say('timing', times)}>{milliseconds(timing.totalMs)}</span>
        </p>
        <div className={styles.correction}>
          <Suspense fallback={null}>
            <NotRight key={`${picture.id} ${model.name}`} answer={classification} picture={() => picture.file} />
          </Suspense>
        </div>
      </div>
    </>
  );
}

interface ChipsProps {
  readonly title: string;
  readonly entries: readonly (readonly [label: string, probability: number])[];
  readonly flagged?: boolean;
}

function Chips({ title, entries, flagged = false }: ChipsProps) {
  const percent = usePercent();
  if (entries.length === 0) return null;
  return (
    <div>
      <h2 className={styles.title}>{title}</h2>
      <ul className={styles.chips}>
        {entries.map(([label, probability]) => (
          <li key={label} className={flagged ? styles.flag : undefined}>
            {label} <span>{percent(probability)}</span>
          </li>
        ))}
      </ul>
    </div>
  );
}
