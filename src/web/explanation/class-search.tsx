/** Looks up any class that the network knows. */
import { useState } from 'react';
import { useLabels } from '../api/models.ts';
import type { Classification } from '../api/types.ts';
import { type Bar, Predictions } from '../components/predictions.tsx';
import { SearchField } from '../components/search-field.tsx';
import { useWords } from '../i18n/i18n.ts';
import { usePreferences } from '../preferences/preferences.ts';
import { AskedProblem } from './asked-problem.tsx';
import styles from './class-search.module.css';
import { findClasses } from './find-classes.ts';
import { explanationMessages } from './messages.ts';

interface ClassSearchProps {
  /** With all classes. */
  readonly answer: Classification;
  readonly picked?: number | undefined;
  readonly onPick?: (index: number) => void;
  /** Instead of "Look up another class". */
  readonly label?: string;
}

const MOST = 6;

export function ClassSearch({ answer, picked, onPick, label }: ClassSearchProps) {
  const say = useWords(explanationMessages);
  const { language } = usePreferences();
  const [typed, setTyped] = useState('');
  const { name, version } = answer.model;
  const { data, error, refetch } = useLabels(typed === '' ? undefined : `${name}@${version}`);
  const found: Bar[] = findClasses(data?.classes ?? [], typed, MOST).map((one) => ({
    index: one.index,
    label: one[language],
    probability: answer.predictions.find(({ index }) => index === one.index)?.probability ?? 0,
  }));
  const isLookedUp = data !== undefined && typed.trim() !== '';
  return (
    <div className={styles.search}>
      <SearchField
        label={label ?? say('search')}
        labelShown
        placeholder={say('searchHint')}
        value={typed}
        onChange={setTyped}
      />
      <p role="status" className={found.length === 0 ? styles.none : 'visually-hidden'}>
        {isLookedUp && (found.length === 0 ? say('foundNone') : say('found', { count: found.length }))}
      </p>
      {error && <AskedProblem error={error} onRetry={() => void refetch()} />}
      {found.length > 0 && <Predictions predictions={found} picked={picked} {...(onPick && { onPick })} />}
    </div>
  );
}
