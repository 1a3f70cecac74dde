/** The pictures as a wall, in groups of what they show; only what is in view is drawn. */
import { defaultRangeExtractor, useWindowVirtualizer } from '@tanstack/react-virtual';
import { type KeyboardEvent, type ReactNode, useMemo, useRef } from 'react';
import { useDocumentTop, useRem, useWidth } from '../../components/use-layout.ts';
import { useWords } from '../../i18n/i18n.ts';
import { batchMessages } from './messages.ts';
import type { ResultListProps } from './result-table.tsx';
import styles from './result-wall.module.css';
import { useRowWords, useShareOf } from './row-words.tsx';
import type { Row } from './rows.ts';
import { Thumbnail } from './thumbnail.tsx';
import { useCurrent } from './use-current.ts';
import { MOST_PRINTED } from './use-printing.ts';
import { type Group, grouped, type WallLine, wallLines } from './view.ts';
import type { Vocabulary } from './vocabulary.ts';

/** As in the styles. */
const GAP_REM = 0.75;
const LEAST_TILE_REM = 9;
const FEWEST_COLUMNS = 2;
const CAPTION_REM = 3.5;
const HEADING_REM = 4;
const COVERED_REM = 5;

export function ResultWall({ job, rows, vocabulary, isPrinting, onOpen }: ResultListProps) {
  const wall = useRef<HTMLDivElement>(null);
  const rem = useRem();
  const top = useDocumentTop(wall);
  const width = useWidth(wall);
  const gap = GAP_REM * rem;
  const columns = Math.max(FEWEST_COLUMNS, Math.floor((width + gap) / (LEAST_TILE_REM * rem + gap)));
  const tile = (width - gap * (columns - 1)) / columns;
  const groups = useMemo(() => grouped(rows, vocabulary), [rows, vocabulary]);
  const lines = useMemo(() => wallLines(groups, columns), [groups, columns]);
  const order = useMemo(() => groups.flatMap((group) => group.rows), [groups]);
  const lineOf = useMemo(
    () =>
      new Map(lines.flatMap((line, at) => (line.kind === 'pictures' ? line.rows.map(({ item }) => [item, at]) : []))),
    [lines],
  );
  const { position, isCurrent, moveTo, setCurrent } = useCurrent(order, wall, (at) => {
    const row = order[at];
    if (row) virtualizer.scrollToIndex(lineOf.get(row.item) ?? 0, { align: 'auto' });
  });
  const virtualizer = useWindowVirtualizer({
    count: lines.length,
    estimateSize: (at) => (lines[at]?.kind === 'heading' ? HEADING_REM * rem : tile + CAPTION_REM * rem + gap),
    // Lines of another height are others.
    getItemKey: (at) => `${columns} ${Math.round(tile)} ${lines[at]?.kind} ${at}`,
    scrollMargin: top,
    scrollPaddingStart: COVERED_REM * rem,
    scrollPaddingEnd: COVERED_REM * rem,
    overscan: 3,
    useFlushSync: false,
    // The picture that has the focus, or takes it, is always there.
    rangeExtractor: (range) =>
      [...new Set([...defaultRangeExtractor(range), lineOf.get(order[position]?.item ?? -1) ?? 0])].sort(
        (a, b) => a - b,
      ),
  });
  /** The position in the next line of pictures, in the same column as far as there is one. */
  const beyond = (direction: 1 | -1): number | undefined => {
    const here = order[position];
    const from = here && lineOf.get(here.item);
    if (from === undefined) return undefined;
    const column = rowsIn(lines[from]).indexOf(here as Row);
    for (let at = from + direction; at >= 0 && at < lines.length; at += direction) {
      const row = rowsIn(lines[at])[column] ?? rowsIn(lines[at]).at(-1);
      if (row) return order.indexOf(row);
    }
    return undefined;
  };
  const onKeyDown = (event: KeyboardEvent) => {
    const to = {
      ...{ ArrowRight: position + 1, ArrowLeft: position - 1, Home: 0, End: order.length - 1 },
      ...{ ArrowDown: beyond(1), ArrowUp: beyond(-1) },
    }[event.key];
    if (to === undefined) return;
    event.preventDefault();
    moveTo(to);
  };
  const tileOf = (row: Row) => (
    <Tile
      key={row.item}
      {...{ job, row, vocabulary, isPrinting }}
      isCurrent={isCurrent(row)}
      onFocus={() => setCurrent(row.item)}
      onOpen={() => onOpen(row.item)}
    />
  );
  if (isPrinting) return <PrintedWall groups={groups} tileOf={tileOf} />;
  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: the buttons inside are what is used
    <div ref={wall} className={styles.wall} style={{ blockSize: virtualizer.getTotalSize() }} onKeyDown={onKeyDown}>
      {width > 0 &&
        virtualizer.getVirtualItems().map(({ index, key, start }) => {
          const line = lines[index];
          return (
            line && (
              <div key={key} className={styles.line} style={{ translate: `0 ${start - top}px` }}>
                {line.kind === 'heading' ? (
                  <Heading group={line.group} />
                ) : (
                  <ul className={styles.tiles} style={{ gridTemplateColumns: `repeat(${columns}, 1fr)` }}>
                    {line.rows.map(tileOf)}
                  </ul>
                )}
              </div>
            )
          );
        })}
    </div>
  );
}

const rowsIn = (line: WallLine | undefined): readonly Row[] => (line?.kind === 'pictures' ? line.rows : []);

function Heading({ group: { key, label, rows } }: { readonly group: Group }) {
  const say = useWords(batchMessages);
  const words = key === 'other' || key === 'unsure' || key === 'failed' ? say(key) : label;
  return (
    <h2 className={styles.heading} data-group={key}>
      {words} <span className={styles.count}>{rows.length}</span>
    </h2>
  );
}

interface TileProps {
  readonly job: string;
  readonly row: Row;
  readonly vocabulary: Vocabulary;
  readonly isPrinting: boolean;
  readonly isCurrent: boolean;
  readonly onFocus: () => void;
  readonly onOpen: () => void;
}

function Tile({ job, row, vocabulary, isPrinting, isCurrent, onFocus, onOpen }: TileProps) {
  const wordsOf = useRowWords(vocabulary);
  const shareOf = useShareOf();
  return (
    <li className={styles.tile}>
      <button
        type="button"
        className={styles.open}
        data-item={row.item}
        tabIndex={isCurrent ? 0 : -1}
        onFocus={onFocus}
        onClick={onOpen}
      >
        <Thumbnail job={job} row={row} eager={isPrinting} />
        <span className={styles.caption}>
          <span className={styles.answer}>
            <span className={styles.words}>{wordsOf(row)}</span>{' '}
            {row.answer?.level !== 'unsure' && <span className={styles.share}>{shareOf(row, 0)}</span>}
          </span>{' '}
          <span className={styles.name} title={row.name}>
            {row.name.slice(row.name.lastIndexOf('/') + 1)}
          </span>
        </span>
      </button>
    </li>
  );
}

interface PrintedWallProps {
  readonly groups: readonly Group[];
  readonly tileOf: (row: Row) => ReactNode;
}

/** All of it, as far as paper goes. */
function PrintedWall({ groups, tileOf }: PrintedWallProps) {
  let left = MOST_PRINTED;
  return (
    <div className={styles.printed}>
      {groups.map((group) => {
        const rows = group.rows.slice(0, left);
        left -= rows.length;
        return (
          rows.length > 0 && (
            <section key={group.key}>
              <Heading group={group} />
              <ul className={styles.tiles}>{rows.map(tileOf)}</ul>
            </section>
          )
        );
      })}
    </div>
  );
}
