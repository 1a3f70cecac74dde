/** How fast a model is here, once somebody wants to know. */
import { skipToken, useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { Gauge, X } from 'lucide-react';
import { useEffect, useRef, useState } from 'react';
import { call, pictureHeaders } from '../../api/call.ts';
import type { Classification } from '../../api/types.ts';
import { Button } from '../../components/button.tsx';
import { milliseconds } from '../../components/format.ts';
import { Problem } from '../../components/problem.tsx';
import { useWords } from '../../i18n/i18n.ts';
import { exampleFile, exampleMessages, examples } from '../../pictures/examples.ts';
import { type Choice, nameOf } from './choice.ts';
import { COUNTED, type Speed as Measured, measure, ROUNDS, UNCOUNTED } from './measure.ts';
import { modelsMessages } from './messages.ts';
import styles from './page.module.css';

const [picture] = examples;

interface SpeedProps {
  readonly choice: Choice;
  readonly measured: string | null;
  readonly onMeasured: (name: string | null) => void;
}

export function Speed({ choice, measured, onMeasured }: SpeedProps) {
  const say = useWords(modelsMessages);
  const sayExample = useWords(exampleMessages);
  const { speed, measuring, done, start, cancel } = useMeasuring(choice, onMeasured);
  const isMeasuring = measuring.isPending;
  return (
    <div className={styles.speed}>
      <dt>{say('speed')}</dt>
      <dd className={styles.figure} data-unknown={!speed || undefined}>
        {speed ? milliseconds(speed.inferenceMs) : '–'}
      </dd>
      <dd className={styles.note}>
        {speed ? say('speedIs', { total: milliseconds(speed.totalMs) }) : say('notMeasured')}
      </dd>
      <dd className={styles.measuring}>
        {isMeasuring && (
          <>
            <progress className={styles.progress} max={ROUNDS} value={done} aria-label={say('measure')} />
            <span role="status" className={styles.note}>
              {done === 0 ? say('measuringFirst') : say('measuring', { done, all: ROUNDS })}
            </span>
          </>
        )}
        {/* One button for both keeps the focus; who clicks twice does not mean both. */}
        <Button
          icon={isMeasuring ? X : Gauge}
          disabled={!isMeasuring && measured !== null}
          onClick={({ detail }) => detail < 2 && (isMeasuring ? cancel() : start())}
        >
          {say(isMeasuring ? 'cancel' : 'measure')}
        </Button>
      </dd>
      {speed && picture && (
        <dd className={`${styles.note} ${styles.how}`}>
          {say('speedHow', { counted: COUNTED, uncounted: UNCOUNTED, picture: sayExample(picture.name) })}
        </dd>
      )}
      {measuring.error && !isCanceled(measuring.error) && (
        <dd className={styles.how}>
          <Problem error={measuring.error} onRetry={start} />
        </dd>
      )}
    </div>
  );
}

const isCanceled = (error: unknown): boolean => error instanceof DOMException && error.name === 'AbortError';

function useMeasuring(choice: Choice, onMeasured: SpeedProps['onMeasured']) {
  const queries = useQueryClient();
  const [done, setDone] = useState(0);
  const ending = useRef<AbortController>(null);
  const queryKey = ['speed', nameOf(choice)];
  const { data: speed } = useQuery<Measured>({ queryKey, queryFn: skipToken, gcTime: Number.POSITIVE_INFINITY });
  const begin = () => {
    ending.current = new AbortController();
    return ending.current;
  };
  const measuring = useMutation({
    mutationFn: async () => {
      if (!picture) throw new Error('there is no example picture');
      const { signal } = begin();
      setDone(0);
      onMeasured(nameOf(choice));
      const file = await exampleFile(picture);
      return measure({ ask: (asked) => ask(file, choice, asked), signal, onAnswer: setDone });
    },
    onSuccess: (measured) => queries.setQueryData(queryKey, measured),
    onSettled: () => {
      onMeasured(null);
      // It may have been loaded for this.
      void queries.invalidateQueries({ queryKey: ['models'] });
    },
  });
  useEffect(() => () => ending.current?.abort(), []);
  return { speed, measuring, done, start: () => measuring.mutate(), cancel: () => ending.current?.abort() };
}

const ask = (file: File, { reference, precision }: Choice, signal: AbortSignal) =>
  call<Classification>('api/v1/classify', {
    method: 'POST',
    query: { model: reference, precision, top: 1 },
    headers: pictureHeaders(file),
    body: file,
    signal,
  });
