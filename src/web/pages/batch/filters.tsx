/** What is shown of the pictures, and how. */
import { LayoutGrid, type LucideIcon, Table2, X } from 'lucide-react';
import { useId } from 'react';
import { Button } from '../../components/button.tsx';
import { SearchField } from '../../components/search-field.tsx';
import { Segmented } from '../../components/segmented.tsx';
import { useWords } from '../../i18n/i18n.ts';
import styles from './filters.module.css';
import { batchMessages } from './messages.ts';
import { type Choice, type Choices, type Filter, filters, NO_FILTER, SHOWN, type Shown } from './view.ts';

export type View = 'table' | 'wall';

interface FiltersProps {
  readonly filter: Filter;
  readonly choices: Choices;
  readonly view: View;
  /** How many fit. */
  readonly found: number;
  /** The pictures change by themselves: how many fit is not read out each time. */
  readonly isChanging: boolean;
  readonly onFilter: (filter: Filter) => void;
  readonly onView: (view: View) => void;
}

export function Filters({ filter, choices, view, found, isChanging, onFilter, onView }: FiltersProps) {
  const say = useWords(batchMessages);
  const change = (changes: Partial<Filter>) => onFilter({ ...filter, ...changes });
  const total = choices.shown.all;
  const offered = SHOWN.filter((each) => each === 'all' || each === filter.shown || choices.shown[each] > 0);
  return (
    <search className={styles.filters}>
      <div className={styles.row}>
        <div className={styles.search}>
          <SearchField label={say('search')} value={filter.text} onChange={(text) => change({ text })} />
        </div>
        {choices.categories.length > 0 && (
          <Select
            label={say('category')}
            all={say('allCategories')}
            value={filter.category}
            choices={choices.categories}
            onChange={(category) => change({ category })}
          />
        )}
        {choices.flags.length > 0 && (
          <Select
            label={say('flag')}
            all={say('allFlags')}
            value={filter.flag}
            choices={choices.flags}
            onChange={(flag) => change({ flag })}
          />
        )}
        <div className={styles.view}>
          <Segmented
            label={say('view')}
            value={view}
            options={[
              { value: 'table', label: <WithSign sign={Table2} words={say('table')} /> },
              { value: 'wall', label: <WithSign sign={LayoutGrid} words={say('wall')} /> },
            ]}
            onChange={onView}
          />
        </div>
      </div>
      <div className={styles.row}>
        <div className={styles.shown}>
          <Segmented<Shown>
            label={say('show')}
            value={filter.shown}
            options={offered.map((each) => ({
              value: each,
              label: (
                <>
                  {say(each === 'unsure' ? 'unsureOfThem' : each)}{' '}
                  <small className={styles.count}>{choices.shown[each]}</small>
                </>
              ),
            }))}
            onChange={(shown) => change({ shown })}
          />
        </div>
        <p className={styles.found}>
          <span role={isChanging ? undefined : 'status'}>
            {found === total ? say('found', { count: found }) : say('foundOf', { count: found, total })}
          </span>
          {filters(filter) && (
            <Button look="quiet" icon={X} onClick={() => onFilter(NO_FILTER)}>
              {say('reset')}
            </Button>
          )}
        </p>
      </div>
    </search>
  );
}

function WithSign({ sign: Sign, words }: { readonly sign: LucideIcon; readonly words: string }) {
  return (
    <>
      <Sign aria-hidden="true" className={styles.sign} />
      {words}
    </>
  );
}

interface SelectProps {
  readonly label: string;
  /** What no choice is called. */
  readonly all: string;
  readonly value: string;
  readonly choices: readonly Choice[];
  readonly onChange: (value: string) => void;
}

function Select({ label, all, value, choices, onChange }: SelectProps) {
  const id = useId();
  return (
    <div className={styles.select}>
      <label htmlFor={id} className="visually-hidden">
        {label}
      </label>
      <select id={id} value={value} onChange={({ currentTarget }) => onChange(currentTarget.value)}>
        <option value="">{all}</option>
        {choices.map((choice) => (
          <option key={choice.value} value={choice.value}>
            {`${choice.label} (${choice.count})`}
          </option>
        ))}
      </select>
    </div>
  );
}
