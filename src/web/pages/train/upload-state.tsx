/** How far the pictures are that are on their way, and what came of those that were not taken. */
import { useId } from 'react';
import { chineseFor } from '../../api/chinese-errors.ts';
import { ManagedProblem } from '../../components/admin-token.tsx';
import { Button } from '../../components/button.tsx';
import { ProgressBar } from '../../components/progress-bar.tsx';
import { useWords } from '../../i18n/i18n.ts';
import { usePreferences } from '../../preferences/preferences.ts';
import { datasetMessages } from './dataset-messages.ts';
import shared from './train.module.css';
import styles from './upload-state.module.css';
import { dropUploads, type FailedUpload, forgetFailed, retryUploads, useUploads } from './uploads.ts';
import { useLasting } from './use-lasting.ts';

const MOST_NAMED = 50;

export function UploadState({ dataset }: { readonly dataset: string }) {
  const say = useWords(datasetMessages);
  const title = useId();
  const { left, total, repeated, failed, error } = useUploads();
  const isSending = useLasting(left.length > 0);
  // A camera sends one after the other: each of them is not worth a word.
  const isSent = useLasting(left.length === 0) && total > 0 && error === null;
  const own = failed.filter((one) => one.dataset === dataset);
  const isShown = isSending || own.length > 0 || repeated > 0 || error !== null;
  const done = total - left.length;
  return (
    <section className={isShown ? styles.state : 'visually-hidden'} aria-labelledby={isShown ? title : undefined}>
      {isShown && (
        <h2 id={title} className="visually-hidden">
          {say('choose')}
        </h2>
      )}
      {isSending && (
        <>
          <p className={styles.line}>{say('sending', { done, total })}</p>
          <ProgressBar label={say('sending', { done, total })} share={total === 0 ? 0 : done / total} />
        </>
      )}
      {error !== null && (
        <>
          <ManagedProblem error={error} onRetry={retryUploads} />
          <div className={shared.actions}>
            <Button onClick={() => dropUploads(dataset)}>{say('dropRest')}</Button>
          </div>
        </>
      )}
      {/* Always there: of one that comes with its words many screen readers say nothing. */}
      <div role="status">
        {isSent && <p className="visually-hidden">{say('sent')}</p>}
        {!isSending && repeated > 0 && <p>{say('repeatedOnes', { count: repeated })}</p>}
        {own.length > 0 && <p>{say('failedOnes', { count: own.length })}</p>}
      </div>
      {own.length > 0 && (
        <ul className={styles.failed}>
          {own.slice(0, MOST_NAMED).map((one, at) => (
            // biome-ignore lint/suspicious/noArrayIndexKey: names need not be different, and the list only grows
            <li key={at}>
              {one.name} <Reason failed={one} />
            </li>
          ))}
          {own.length > MOST_NAMED && <li>{say('andMore', { count: own.length - MOST_NAMED })}</li>}
        </ul>
      )}
      {isShown && !isSending && error === null && (
        <div className={shared.actions}>
          <Button onClick={forgetFailed}>{say('fine')}</Button>
        </div>
      )}
    </section>
  );
}

function Reason({ failed: { code, error } }: { readonly failed: FailedUpload }) {
  const say = useWords(datasetMessages);
  const { language } = usePreferences();
  const chinese = language === 'zh' ? chineseFor(code, error) : undefined;
  if (chinese !== undefined) return <span className={styles.reason}>{chinese}</span>;
  if (error === '') return <span className={styles.reason}>{say('folderUnreadable')}</span>;
  return (
    <span className={styles.reason} lang="en">
      {error}
    </span>
  );
}
