/** Sends a call as it is filled in. */
import { Send, Square } from 'lucide-react';
import { useEffect, useRef, useState } from 'react';
import { addressOf, keyHeader } from '../../api/call.ts';
import { Button } from '../../components/button.tsx';
import { useWords } from '../../i18n/i18n.ts';
import { exchange, type Reply } from './exchange.ts';
import { apiMessages } from './messages.ts';
import { isOpen, manages, type Operation } from './openapi.ts';
import styles from './page.module.css';
import { type Draft, pathOf, queryOf, requestOf, type Values } from './request.ts';

interface Trial {
  readonly state: 'idle' | 'sending' | 'stopped' | 'silent';
  /** As far as it has come; null before anything has. */
  readonly reply: Reply | null;
  readonly send: () => void;
  readonly stop: () => void;
}

export function useTrial(operation: Operation, values: Values, draft: Draft): Trial {
  const [state, setState] = useState<Trial['state']>('idle');
  const [reply, setReply] = useState<Reply | null>(null);
  const running = useRef<AbortController>(null);
  useEffect(() => () => running.current?.abort(), []);

  const send = async () => {
    running.current = new AbortController();
    const { signal } = running.current;
    setState('sending');
    setReply(null);
    const { headers, body } = requestOf(operation, values, draft);
    const key = isOpen(operation) ? {} : keyHeader(manages(operation));
    const request = { method: operation.method, headers: { ...headers, ...key }, ...(body !== undefined && { body }) };
    try {
      const address = addressOf(pathOf(operation, values), queryOf(operation, values));
      await exchange(address, request, { signal, onReply: setReply });
      setState('idle');
    } catch {
      setState(signal.aborted ? 'stopped' : 'silent');
    }
  };
  return { state, reply, send: () => void send(), stop: () => running.current?.abort() };
}

interface TrialButtonsProps {
  readonly trial: Trial;
  /** What has to be filled in first. */
  readonly missing: readonly string[];
}

export function TrialButtons({ trial: { state, reply, send, stop }, missing }: TrialButtonsProps) {
  const say = useWords(apiMessages);
  const isSending = state === 'sending';
  return (
    <div className={styles.line}>
      {/* One button for both keeps the focus; who clicks twice does not mean both. */}
      <Button
        look={isSending ? 'secondary' : 'primary'}
        icon={isSending ? Square : Send}
        disabled={!isSending && missing.length > 0}
        onClick={({ detail }) => detail < 2 && (isSending ? stop() : send())}
      >
        {say(isSending ? 'stop' : 'send')}
      </Button>
      <p role="status" className={styles.quiet}>
        {!isSending && missing.length > 0 && say('missing', { names: missing.join(', ') })}
        {isSending && say(reply ? 'coming' : 'sending')}
        {state === 'stopped' && say('stopped')}
        {state === 'silent' && say('silent')}
      </p>
    </div>
  );
}
