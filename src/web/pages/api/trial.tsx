/** Sends the call as it is filled in, and shows what comes back while it comes. */
import { Send, Square } from 'lucide-react';
import { useEffect, useRef, useState } from 'react';
import { addressOf, keyHeader } from '../../api/call.ts';
import { Button } from '../../components/button.tsx';
import { useWords } from '../../i18n/i18n.ts';
import { exchange, type Reply } from './exchange.ts';
import { apiMessages } from './messages.ts';
import { isOpen, manages, type Operation } from './openapi.ts';
import styles from './page.module.css';
import { ReplyView } from './reply-view.tsx';
import { type Draft, JSON_TYPE, pathOf, queryOf, requestOf, type Values } from './request.ts';

interface TrialProps {
  readonly operation: Operation;
  readonly values: Values;
  readonly draft: Draft;
}

type State = 'idle' | 'sending' | 'stopped' | 'silent';

export function Trial({ operation, values, draft }: TrialProps) {
  const say = useWords(apiMessages);
  const { state, reply, send, stop } = useTrial({ operation, values, draft });
  const missing = missingIn({ operation, values, draft }, say('body'));
  return (
    <section className={styles.part} aria-label={say('answer')}>
      <div className={styles.line}>
        <Button look="primary" icon={Send} disabled={missing.length > 0 || state === 'sending'} onClick={send}>
          {say('send')}
        </Button>
        {state === 'sending' && (
          <Button icon={Square} onClick={stop}>
            {say('stop')}
          </Button>
        )}
        <p role="status" className={styles.quiet}>
          {state === 'idle' && missing.length > 0 && say('missing', { names: missing.join(', ') })}
          {state === 'sending' && say(reply ? 'coming' : 'sending')}
          {state === 'stopped' && say('stopped')}
          {state === 'silent' && say('silent')}
        </p>
      </div>
      {reply && <ReplyView reply={reply} path={pathOf(operation, values)} />}
    </section>
  );
}

/** The names of what has to be there before it can be sent. */
function missingIn({ operation, values, draft }: TrialProps, body: string): readonly string[] {
  const names = (operation.parameters ?? []).filter(({ required, name }) => required && !values[name]);
  const wantsFile = draft.type !== '' && draft.type !== JSON_TYPE && draft.files.length === 0;
  return [...names.map(({ name }) => name), ...(wantsFile ? [body] : [])];
}

function useTrial({ operation, values, draft }: TrialProps) {
  const [state, setState] = useState<State>('idle');
  const [reply, setReply] = useState<Reply | null>(null);
  const running = useRef<AbortController>(null);
  useEffect(() => () => running.current?.abort(), []);

  const send = async () => {
    running.current = new AbortController();
    const { signal } = running.current;
    setState('sending');
    setReply(null);
    const { headers, ...request } = requestOf(operation, values, draft);
    const key = isOpen(operation) ? {} : keyHeader(manages(operation));
    try {
      const address = addressOf(pathOf(operation, values), queryOf(operation, values));
      await exchange(
        address,
        { ...request, method: operation.method, headers: { ...(headers as Record<string, string>), ...key } },
        { signal, onReply: setReply },
      );
      setState('idle');
    } catch {
      setState(signal.aborted ? 'stopped' : 'silent');
    }
  };
  return { state, reply, send: () => void send(), stop: () => running.current?.abort() };
}
