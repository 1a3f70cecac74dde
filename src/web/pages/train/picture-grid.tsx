/** Small pictures to choose from; only those in view are drawn. */
import { defaultRangeExtractor, useVirtualizer } from '@tanstack/react-virtual';
import { Check } from 'lucide-react';
import { type KeyboardEvent, type MouseEvent, useEffect, useRef, useState } from 'react';
import type { DatasetPicture } from '../../api/training-types.ts';
import { useRem, useWidth } from '../../components/use-layout.ts';
import { useWords } from '../../i18n/i18n.ts';
import { PrivateImage } from '../../pictures/private-image.tsx';
import { addressOfThumbnail } from './addresses.ts';
import { rangeOf, toggled } from './choosing.ts';
import { datasetMessages } from './dataset-messages.ts';
import styles from './picture-grid.module.css';

/** As in the styles. */
const LEAST_TILE_REM = 4.5;
const GAP_REM = 0.25;
/** More are scrolled; half a row says that there are more. */
const MOST_ROWS = 4;
const ROWS_SHOWN = 3.5;

interface PictureGridProps {
  readonly dataset: string;
  readonly label: string;
  readonly pictures: readonly DatasetPicture[];
  /** Ids. */
  readonly chosen: ReadonlySet<string>;
  readonly onChoose: (chosen: ReadonlySet<string>) => void;
  readonly onDelete: (pictures: readonly DatasetPicture[]) => void;
}

export function PictureGrid({ dataset, label, pictures, chosen, onChoose, onDelete }: PictureGridProps) {
  const say = useWords(datasetMessages);
  const box = useRef<HTMLDivElement>(null);
  const rem = useRem();
  const width = useWidth(box);
  const [current, setCurrent] = useState(0);
  const moving = useRef(false);
  /** The one that was chosen last: from it others are chosen with Shift. The focus has moved on by then. */
  const last = useRef<string>(undefined);
  const gap = GAP_REM * rem;
  const columns = Math.max(3, Math.floor((width + gap) / (LEAST_TILE_REM * rem + gap)));
  const side = (width - gap * (columns - 1)) / columns;
  const rows = Math.ceil(pictures.length / columns);
  const at = Math.min(current, Math.max(0, pictures.length - 1));
  const virtualizer = useVirtualizer({
    count: rows,
    getScrollElement: () => box.current,
    estimateSize: () => side + gap,
    // Rows of another height are others.
    getItemKey: (row) => `${Math.round(side)} ${row}`,
    overscan: 2,
    useFlushSync: false,
    // The picture that has the focus, or takes it, is always there.
    rangeExtractor: (range) =>
      [...new Set([...defaultRangeExtractor(range), Math.floor(at / columns)])].sort((a, b) => a - b),
  });
  const shown = virtualizer.getVirtualItems();
  useEffect(() => {
    if (!moving.current) return;
    moving.current = false;
    box.current?.querySelector<HTMLElement>(`[data-at="${at}"]`)?.focus({ preventScroll: true });
  });

  const moveTo = (to: number) => {
    const next = Math.min(Math.max(to, 0), pictures.length - 1);
    moving.current = true;
    setCurrent(next);
    virtualizer.scrollToIndex(Math.floor(next / columns), { align: 'auto' });
  };
  const remove = () => {
    const one = pictures[at];
    moving.current = true;
    onDelete(chosen.size > 0 ? pictures.filter(({ id }) => chosen.has(id)) : one ? [one] : []);
  };
  const onKeyDown = (event: KeyboardEvent) => {
    const to = {
      ...{ ArrowRight: at + 1, ArrowLeft: at - 1, ArrowDown: at + columns, ArrowUp: at - columns },
      ...{ Home: 0, End: pictures.length - 1 },
    }[event.key];
    if (to !== undefined) moveTo(to);
    else if (event.key === 'Delete' || event.key === 'Backspace') remove();
    else if (event.key.toLowerCase() === 'a' && (event.ctrlKey || event.metaKey))
      onChoose(new Set(pictures.map(({ id }) => id)));
    else return;
    event.preventDefault();
  };
  const choose = (position: number, { shiftKey }: MouseEvent) => {
    const ids = pictures.map(({ id }) => id);
    onChoose(shiftKey ? rangeOf(ids, chosen, last.current, position) : toggled(chosen, ids[position]));
    last.current = ids[position];
    setCurrent(position);
  };
  return (
    // biome-ignore lint/a11y/useSemanticElements: a fieldset has a look and a width of its own
    <div
      ref={box}
      className={styles.box}
      role="group"
      aria-label={say('picturesOf', { label })}
      style={{ maxBlockSize: rows > MOST_ROWS ? ROWS_SHOWN * (side + gap) : undefined }}
      onKeyDown={onKeyDown}
    >
      <div className={styles.rows} style={{ blockSize: virtualizer.getTotalSize() }}>
        {width > 0 &&
          shown.map(({ index: row, key, start }) => (
            <div
              key={key}
              className={styles.row}
              style={{ translate: `0 ${start}px`, gridTemplateColumns: `repeat(${columns}, 1fr)` }}
            >
              {pictures.slice(row * columns, (row + 1) * columns).map(({ id }, column) => {
                const position = row * columns + column;
                return (
                  <button
                    key={id}
                    type="button"
                    className={styles.tile}
                    data-at={position}
                    data-picture={id}
                    tabIndex={position === at ? 0 : -1}
                    aria-pressed={chosen.has(id)}
                    aria-label={say('picture', { position: position + 1, label })}
                    onFocus={() => setCurrent(position)}
                    onClick={(event) => choose(position, event)}
                  >
                    <PrivateImage path={addressOfThumbnail(dataset, id)} />
                    {chosen.has(id) && (
                      <span className={styles.check}>
                        <Check aria-hidden="true" />
                      </span>
                    )}
                  </button>
                );
              })}
            </div>
          ))}
      </div>
    </div>
  );
}
