/** How far the pictures are that are on their way, and what came of those that were not taken. */
import { type ReactNode, useId } from 'react';
import { chineseErrors, isChineseError } from '../../api/chinese-errors.ts';
import { ManagedProblem } from '../../components/admin-token.tsx';
import { Button } from '../../components/button.tsx';
import { ProgressBar } from '../../components/progress-bar.tsx';
import { useWords } from '../../i18n/i18n.ts';
import { usePreferences } from '../../preferences/preferences.ts';
import { datasetMessages } from './dataset-messages.ts';
import shared from './train.module.css';
import styles from './upload-state.module.css';
import { dropUploads, type FailedUpload, forgetFailed, retryUploads, type Uploads, useUploads } from './uploads.ts';
import { useLasting } from './use-lasting.ts';

const MOST_NAMED = 50;

export function UploadState({ dataset }: { readonly dataset: string }) {
  const say = useWords(datasetMessages);
  const { left, total, repeated, failed, error } = useUploads();
  const isSending = useLasting(left.length > 0);
  const own = failed.filter((one) => one.dataset === dataset);
  return (
    <>
      <p className="visually-hidden" role="status">
        {!isSending && total > 0 && error === null && say('sent')}
      </p>
      {(isSending || own.length > 0 || repeated > 0 || error !== null) && (
        <OneState isSending={isSending} done={total - left.length} total={total} repeated={repeated} failed={own}>
          {error !== null && (
            <>
              <ManagedProblem error={error} onRetry={retryUploads} />
              <div className={shared.actions}>
                <Button onClick={() => dropUploads(dataset)}>{say('dropRest')}</Button>
              </div>
            </>
          )}
        </OneState>
      )}
    </>
  );
}

interface OneStateProps extends Pick<Uploads, 'total' | 'repeated' | 'failed'> {
  readonly isSending: boolean;
  readonly done: number;
  /** Why it does not go on. */
  readonly children: ReactNode;
}

function OneState({ isSending, done, total, repeated, failed, children }: OneStateProps) {
  const say = useWords(datasetMessages);
  const title = useId();
  return (
    <section className={styles.state} aria-labelledby={title}>
      <h2 id={title} className="visually-hidden">
        {say('choose')}
      </h2>
      {isSending && (
        <>
          <p className={styles.line}>{say('sending', { done, total })}</p>
          <ProgressBar label={say('sending', { done, total })} share={total === 0 ? 0 : done / total} />
        </>
      )}
      {children}
      <div role="status">
        {!isSending && repeated > 0 && <p>{say('repeatedOnes', { count: repeated })}</p>}
        {failed.length > 0 && <p>{say('failedOnes', { count: failed.length })}</p>}
      </div>
      {failed.length > 0 && (
        <ul className={styles.failed}>
          {failed.slice(0, MOST_NAMED).map((one, at) => (
            // biome-ignore lint/suspicious/noArrayIndexKey: names need not be different, and the list only grows
            <li key={at}>
              {one.name} <Reason failed={one} />
            </li>
          ))}
          {failed.length > MOST_NAMED && <li>{say('andMore', { count: failed.length - MOST_NAMED })}</li>}
        </ul>
      )}
      {!isSending && !children && (
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
  if (language === 'zh' && isChineseError(code)) return <span className={styles.reason}>{chineseErrors[code]}</span>;
  if (error === '') return <span className={styles.reason}>{say('folderUnreadable')}</span>;
  return (
    <span className={styles.reason} lang="en">
      {error}
    </span>
  );
}
