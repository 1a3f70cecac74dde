/** The pictures as a table, of which only what is in view is drawn. */
import { defaultRangeExtractor, useWindowVirtualizer } from '@tanstack/react-virtual';
import { ArrowDown, ArrowUp, ArrowUpDown } from 'lucide-react';
import { Fragment, type KeyboardEvent, useRef } from 'react';
import { useDocumentTop, useRem } from '../../components/use-layout.ts';
import { useWords } from '../../i18n/i18n.ts';
import { type BatchWords, batchMessages } from './messages.ts';
import styles from './result-table.module.css';
import { useRowWords, useShareOf } from './row-words.tsx';
import type { Row } from './rows.ts';
import { State } from './state.tsx';
import { Thumbnail } from './thumbnail.tsx';
import { useCurrent } from './use-current.ts';
import { MOST_PRINTED } from './use-printing.ts';
import type { Column, Sort } from './view.ts';
import type { Vocabulary } from './vocabulary.ts';

export interface ResultListProps {
  /** Id of their job. */
  readonly job: string;
  readonly rows: readonly Row[];
  readonly vocabulary: Vocabulary;
  readonly isPrinting: boolean;
  readonly onOpen: (item: number) => void;
}

interface ResultTableProps extends ResultListProps {
  /** Without any, there is no column for them. */
  readonly hasFlags: boolean;
  readonly sort: Sort | null;
  readonly onSort: (sort: Sort | null) => void;
}

/** As in the styles. */
const ROW_REM = 4;
/** What covers the top of the page: its bar, and the heads of the columns. */
const COVERED_REM = 7;
const COLUMNS: readonly (Column & keyof BatchWords)[] = ['name', 'answer', 'probability', 'category', 'flags', 'state'];
const JUMP = 10;

export function ResultTable({ job, rows, vocabulary, isPrinting, hasFlags, sort, onSort, onOpen }: ResultTableProps) {
  const say = useWords(batchMessages);
  const body = useRef<HTMLTableSectionElement>(null);
  const rem = useRem();
  const top = useDocumentTop(body);
  const { position, isCurrent, moveTo, setCurrent } = useCurrent(rows, body, (index) =>
    virtualizer.scrollToIndex(index, { align: 'auto' }),
  );
  const virtualizer = useWindowVirtualizer({
    count: rows.length,
    estimateSize: () => ROW_REM * rem,
    scrollMargin: top,
    scrollPaddingStart: COVERED_REM * rem,
    scrollPaddingEnd: COVERED_REM * rem,
    overscan: 8,
    useFlushSync: false,
    // The row that has the focus, or takes it, is always there.
    rangeExtractor: (range) => [...new Set([...defaultRangeExtractor(range), position])].sort((a, b) => a - b),
  });
  const onKeyDown = (event: KeyboardEvent) => {
    const to = {
      ...{ ArrowDown: position + 1, ArrowUp: position - 1, PageDown: position + JUMP, PageUp: position - JUMP },
      ...{ Home: 0, End: rows.length - 1 },
    }[event.key];
    if (to === undefined) return;
    event.preventDefault();
    moveTo(to);
  };
  let drawn = 0;
  const lines = isPrinting
    ? rows.slice(0, MOST_PRINTED).map((_, index) => ({ index, gap: 0 }))
    : virtualizer.getVirtualItems().map(({ index, start, end }) => {
        const gap = start - top - drawn;
        drawn = end - top;
        return { index, gap };
      });
  const rest = isPrinting ? 0 : virtualizer.getTotalSize() - drawn;
  return (
    <table className={styles.table} aria-rowcount={rows.length + 1} data-flags={hasFlags || undefined}>
      <caption className="visually-hidden">{say('results')}</caption>
      <thead>
        <tr aria-rowindex={1}>
          <th scope="col" className={styles.thumbnail}>
            <span className="visually-hidden">{say('picture')}</span>
          </th>
          {COLUMNS.map((column) => (
            <Head key={column} column={column} sort={sort} onSort={onSort} />
          ))}
        </tr>
      </thead>
      <tbody ref={body} onKeyDown={onKeyDown}>
        {lines.map(({ index, gap }) => {
          const row = rows[index];
          return (
            row && (
              <Fragment key={row.item}>
                <Gap pixels={gap} />
                <ResultRow
                  {...{ job, row, vocabulary, isPrinting }}
                  index={index}
                  isCurrent={isCurrent(row)}
                  onFocus={() => setCurrent(row.item)}
                  onOpen={() => onOpen(row.item)}
                />
              </Fragment>
            )
          );
        })}
        <Gap pixels={rest} />
      </tbody>
    </table>
  );
}

/** Stands for the rows that are not drawn. */
function Gap({ pixels }: { readonly pixels: number }) {
  if (pixels < 1) return null;
  return (
    // biome-ignore lint/a11y/noAriaHiddenOnFocusable: nothing in it takes the focus
    <tr aria-hidden="true" className={styles.gap}>
      <td style={{ blockSize: pixels }} />
    </tr>
  );
}

interface HeadProps {
  readonly column: Column & keyof BatchWords;
  readonly sort: Sort | null;
  readonly onSort: (sort: Sort | null) => void;
}

function Head({ column, sort, onSort }: HeadProps) {
  const say = useWords(batchMessages);
  const isSorted = sort?.column === column;
  const Sign = !isSorted ? ArrowUpDown : sort.descending ? ArrowDown : ArrowUp;
  // Up, down, and as they were sent.
  const next = !isSorted ? { column, descending: false } : sort.descending ? null : { column, descending: true };
  return (
    <th
      scope="col"
      className={styles[column]}
      aria-sort={isSorted ? (sort.descending ? 'descending' : 'ascending') : undefined}
    >
      <button type="button" className={styles.sort} data-sorted={isSorted || undefined} onClick={() => onSort(next)}>
        {say(column)}
        <Sign aria-hidden="true" />
      </button>
    </th>
  );
}

interface ResultRowProps {
  readonly job: string;
  readonly row: Row;
  readonly index: number;
  readonly vocabulary: Vocabulary;
  readonly isPrinting: boolean;
  readonly isCurrent: boolean;
  readonly onFocus: () => void;
  readonly onOpen: () => void;
}

function ResultRow({ job, row, index, vocabulary, isPrinting, isCurrent, onFocus, onOpen }: ResultRowProps) {
  const wordsOf = useRowWords(vocabulary);
  const shareOf = useShareOf();
  const kind = row.answer && vocabulary.narrowest(row.answer);
  return (
    <tr aria-rowindex={index + 2} className={styles.row} data-state={row.state}>
      <td className={styles.thumbnail}>
        <Thumbnail job={job} row={row} eager={isPrinting} />
      </td>
      <th scope="row" className={styles.name}>
        <button
          type="button"
          className={styles.open}
          data-item={row.item}
          tabIndex={isCurrent ? 0 : -1}
          onFocus={onFocus}
          onClick={onOpen}
        >
          {row.name}
        </button>
      </th>
      <td className={styles.answer} data-level={row.answer?.level}>
        <span
          className={styles.clamped}
          lang={row.state === 'failed' && /^[ -~]/.test(wordsOf(row)) ? 'en' : undefined}
        >
          {row.state === 'answered' || row.state === 'failed' ? wordsOf(row) : ''}
        </span>
      </td>
      <td className={styles.probability}>{shareOf(row)}</td>
      <td className={styles.category}>{kind && vocabulary.category(kind)}</td>
      <td className={styles.flags}>
        {row.answer?.flags.map((flag) => (
          <span key={flag} className={styles.flag}>
            {flag}
          </span>
        ))}
      </td>
      <td className={styles.state}>
        <State state={row.state} quiet />
      </td>
    </tr>
  );
}
