/** Why there is no answer, what to do about it, and the means to do it. */
import { CircleAlert, RotateCw } from 'lucide-react';
import { type FormEvent, useId, useState } from 'react';
import { CallError, mayPass, type Problem as Reason } from '../api/call.ts';
import { chineseFor } from '../api/chinese-errors.ts';
import { type Say, useWords } from '../i18n/i18n.ts';
import { changePreferences, usePreferences } from '../preferences/preferences.ts';
import { Button } from './button.tsx';
import styles from './problem.module.css';
import { problemMessages } from './problem-messages.ts';

type SayProblem = Say<(typeof problemMessages)['en']>;

interface ProblemProps {
  /** Whatever was thrown. */
  readonly error: unknown;
  /** Asks again; also after a key was given. */
  readonly onRetry?: () => void;
}

export function Problem({ error, onRetry }: ProblemProps) {
  const say = useWords(problemMessages);
  const refusedKey = useKeyAt(error);
  const reason = reasonOf(error);
  const wantsKey = reason.kind === 'refused' && reason.code === 'UNAUTHORIZED';
  return (
    <div className={styles.problem} role="alert">
      <CircleAlert aria-hidden="true" className={styles.icon} />
      <div className={styles.words}>
        <h2>{wantsKey ? say(refusedKey === '' ? 'keyWanted' : 'keyWrong') : headingOf(reason, say)}</h2>
        {wantsKey ? <p>{say('keyAdvice')}</p> : <Sentence reason={reason} />}
        {reason.kind === 'refused' && !wantsKey && (
          <p className={styles.code}>{reason.code === '' ? reason.status : reason.code}</p>
        )}
        {wantsKey && <KeyForm onKey={onRetry} />}
        {onRetry && mayPass(reason) && (
          <Button look="primary" icon={RotateCw} onClick={onRetry}>
            {say('retry')}
          </Button>
        )}
      </div>
    </div>
  );
}

/** The key that there was when it failed: one that was given since then has not been tried yet. */
function useKeyAt(error: unknown): string {
  const { key } = usePreferences();
  const [at, setAt] = useState({ error, key });
  if (at.error === error) return at.key;
  setAt({ error, key });
  return key;
}

/** What is no `CallError` is a mistake of the page's own, shown as it is. */
const reasonOf = (error: unknown): Reason =>
  error instanceof CallError
    ? error.problem
    : { kind: 'refused', status: 0, code: 'PAGE', sentence: String(error), retryAfter: null };

function headingOf(reason: Reason, say: SayProblem): string {
  if (reason.kind !== 'refused') return say(reason.kind);
  const { status, code } = reason;
  if (status === 429) return say('busy');
  if (status === 413) return say('tooLarge');
  return code.startsWith('IMAGE_') || code === 'HEIC_UNAVAILABLE' ? say('unreadablePicture') : say('failed');
}

function Sentence({ reason }: { readonly reason: Reason }) {
  const say = useWords(problemMessages);
  const { language } = usePreferences();
  if (reason.kind !== 'refused') return <p>{say(`${reason.kind}Advice`)}</p>;
  const { status, code, sentence } = reason;
  const chinese = language === 'zh' ? chineseFor(code, sentence) : undefined;
  if (chinese !== undefined) return <p>{chinese}</p>;
  if (sentence === '') return <p>{say('unexplained', { status })}</p>;
  return <p lang="en">{sentence}</p>;
}

function KeyForm({ onKey }: { readonly onKey: (() => void) | undefined }) {
  const say = useWords(problemMessages);
  const id = useId();
  const use = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    changePreferences({ key: String(new FormData(event.currentTarget).get('key')) });
    onKey?.();
  };
  return (
    <form className={styles.key} onSubmit={use}>
      <label htmlFor={id}>{say('key')}</label>
      {/* A header takes no other characters. */}
      <input id={id} name="key" type="password" autoComplete="off" required pattern="[ -~]+" />
      <Button type="submit" look="primary">
        {say('useKey')}
      </Button>
    </form>
  );
}
