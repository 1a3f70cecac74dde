/** What was chosen: looked through before it is sent, and watched while it is. */
import { Send, Trash2, X } from 'lucide-react';
import { useId } from 'react';
import { refusedWith } from '../../api/call.ts';
import { useModels } from '../../api/models.ts';
import { Button } from '../../components/button.tsx';
import { Check } from '../../components/check.tsx';
import { bytes } from '../../components/format.ts';
import { Problem } from '../../components/problem.tsx';
import { ProgressBar } from '../../components/progress-bar.tsx';
import { duration } from '../../components/times.ts';
import { useNotice } from '../../components/toast.tsx';
import { useWords } from '../../i18n/i18n.ts';
import { usePreferences } from '../../preferences/preferences.ts';
import { ChooseButtons } from './chooser.tsx';
import { batchMessages } from './messages.ts';
import { Mosaic } from './mosaic.tsx';
import { cancelSending, clearFiles, type Sending, setOptions, useOutbox } from './outbox.ts';
import styles from './parcel.module.css';
import { bytesIn, foldersIn, type Limits, partsOf, type Selection } from './selection.ts';

interface ParcelProps {
  readonly isDragging: boolean;
  /** What was dropped is being looked through. */
  readonly isReading: boolean;
  /** Of what one job may have, as far as it is known. */
  readonly limits: Limits | undefined;
  readonly onSend: () => void;
}

export function Parcel({ isDragging, isReading, limits, onSend }: ParcelProps) {
  const say = useWords(batchMessages);
  const notice = useNotice();
  const title = useId();
  const { selection, sending, error } = useOutbox();
  return (
    <section className={styles.parcel} aria-labelledby={title} data-dragging={isDragging || undefined}>
      <Mosaic pictures={selection.pictures} />
      <div className={styles.words}>
        <h2 id={title}>{say(sending ? 'sending' : 'ready')}</h2>
        <Contents selection={selection} jobs={partsOf(selection, limits).length} />
        {sending ? (
          <UnderWay
            sending={sending}
            onStop={() => {
              const before = cancelSending();
              notice(before > 0 ? say('stoppedAfter', { count: before }) : say('stopped'));
            }}
          />
        ) : (
          <>
            <LeftOut names={selection.leftOut} />
            <Options />
            {error !== null && (
              <>
                <Problem error={error} onRetry={onSend} />
                {isTooLarge(error) && <p>{say('tryFewer')}</p>}
              </>
            )}
            <p role="status" className={styles.reading}>
              {isReading && say('reading')}
            </p>
            <div className={styles.actions}>
              <Button look="primary" icon={Send} waiting={isReading} onClick={onSend}>
                {say('send')}
              </Button>
              <ChooseButtons />
              <Button look="quiet" icon={Trash2} onClick={clearFiles}>
                {say('clear')}
              </Button>
            </div>
          </>
        )}
      </div>
    </section>
  );
}

const isTooLarge = (error: unknown): boolean => refusedWith(error)?.status === 413;

/** Folders that are named before they are only counted. */
const NAMED = 3;

function Contents({ selection, jobs }: { readonly selection: Selection; readonly jobs: number }) {
  const say = useWords(batchMessages);
  const { pictures, archives } = selection;
  const folders = foldersIn(selection);
  const shown = folders.slice(0, NAMED).join(say('comma'));
  const counted = [
    pictures.length > 0 && say('pictures', { count: pictures.length }),
    archives.length > 0 && say('archives', { count: archives.length }),
    bytes(bytesIn(selection)),
    jobs > 1 && say('asJobs', { count: jobs }),
  ];
  return (
    <div>
      <p className={styles.contents}>{counted.filter(Boolean).join(' · ')}</p>
      {folders.length > 0 && (
        <p className={styles.quiet}>
          {say('fromFolders', {
            folders:
              folders.length > NAMED ? say('moreFolders', { folders: shown, count: folders.length - NAMED }) : shown,
          })}
        </p>
      )}
      {archives.length > 0 && <p className={styles.quiet}>{archives.map(({ name }) => name).join(say('comma'))}</p>}
    </div>
  );
}

/** Names that are listed before they are only counted. */
const LISTED = 100;

function LeftOut({ names }: { readonly names: readonly string[] }) {
  const say = useWords(batchMessages);
  if (names.length === 0) return null;
  return (
    <details className={styles.leftOut}>
      <summary>{say('leftOut', { count: names.length })}</summary>
      <ul>
        {names.slice(0, LISTED).map((name) => (
          <li key={name}>{name}</li>
        ))}
        {names.length > LISTED && <li>{say('moreNames', { count: names.length - LISTED })}</li>}
      </ul>
    </details>
  );
}

function Options() {
  const say = useWords(batchMessages);
  const { options } = useOutbox();
  const hint = useId();
  const model = useId();
  const { data } = useModels();
  const models = data?.models ?? [];
  return (
    <div className={styles.options}>
      <div>
        <Check checked={options.thumbnails} describedBy={hint} onChange={(thumbnails) => setOptions({ thumbnails })}>
          {say('keepThumbnails')}
        </Check>
        <p id={hint} className={styles.quiet}>
          {say('keepThumbnailsHint')}
        </p>
      </div>
      {models.length > 1 && (
        <div className={styles.model}>
          <label htmlFor={model}>{say('model')}</label>
          <select
            id={model}
            value={options.model}
            onChange={({ currentTarget }) => setOptions({ model: currentTarget.value })}
          >
            <option value="">{say('activeModel', { name: models.find(({ active }) => active)?.name ?? '' })}</option>
            {models.map(({ reference }) => (
              <option key={reference} value={reference}>
                {reference}
              </option>
            ))}
          </select>
        </div>
      )}
    </div>
  );
}

/** Before that an estimate would be a guess. */
const ENOUGH_MS = 2000;

function UnderWay({ sending, onStop }: { readonly sending: Sending; readonly onStop: () => void }) {
  const say = useWords(batchMessages);
  const { language } = usePreferences();
  const { sent, total, startedAt } = sending;
  const elapsed = performance.now() - startedAt;
  const secondsLeft = (elapsed / sent) * (total - sent) * 1e-3;
  const isSettling = sent >= total;
  const words = isSettling
    ? say('settling')
    : [
        say('sentOf', { sent: bytes(sent), total: bytes(total) }),
        elapsed > ENOUGH_MS && sent > 0 && say('left', { time: duration(secondsLeft, language) }),
      ]
        .filter(Boolean)
        .join(' · ');
  return (
    <div className={styles.underWay}>
      <ProgressBar label={say('sending')} share={total > 0 ? sent / total : 0} />
      <p className={styles.numbers}>{words}</p>
      <Button icon={X} onClick={onStop}>
        {say('stop')}
      </Button>
    </div>
  );
}
