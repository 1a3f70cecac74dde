/** Looks up any class that the network knows. */
import { Search } from 'lucide-react';
import { useId, useState } from 'react';
import type { Classification } from '../api/types.ts';
import { type Bar, Predictions } from '../components/predictions.tsx';
import { Problem } from '../components/problem.tsx';
import { useWords } from '../i18n/i18n.ts';
import { usePreferences } from '../preferences/preferences.ts';
import styles from './class-search.module.css';
import { findClasses } from './find-classes.ts';
import { explanationMessages } from './messages.ts';
import { useLabels } from './use-seen.ts';

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
  const id = useId();
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
      <label htmlFor={id} className={styles.label}>
        {label ?? say('search')}
      </label>
      <div className={styles.field}>
        <Search aria-hidden="true" />
        <input
          id={id}
          type="search"
          autoComplete="off"
          placeholder={say('searchHint')}
          value={typed}
          onChange={({ currentTarget }) => setTyped(currentTarget.value)}
        />
      </div>
      <p role="status" className={found.length === 0 ? styles.none : 'visually-hidden'}>
        {isLookedUp && (found.length === 0 ? say('foundNone') : say('found', { count: found.length }))}
      </p>
      {error && <Problem error={error} onRetry={() => void refetch()} />}
      {found.length > 0 && <Predictions predictions={found} picked={picked} {...(onPick && { onPick })} />}
    </div>
  );
}
