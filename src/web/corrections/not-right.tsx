/** Beside an answer: "Not right?", and then what it really is. Only then is the picture kept. */
import { useQueryClient } from '@tanstack/react-query';
import { MessageCircleQuestionMark, Undo2 } from 'lucide-react';
import { useState } from 'react';
import { call, pictureHeaders } from '../api/call.ts';
import { manageSilently } from '../api/manage.ts';
import { useService } from '../api/service.ts';
import type { KeptCorrection } from '../api/training-types.ts';
import type { Classification } from '../api/types.ts';
import { useDeed } from '../api/use-deed.ts';
import { Button } from '../components/button.tsx';
import { Dialog } from '../components/dialog.tsx';
import { Problem } from '../components/problem.tsx';
import { takeFocus } from '../components/take-focus.ts';
import { useNotice } from '../components/toast.tsx';
import { useWords } from '../i18n/i18n.ts';
import { usePreferences } from '../preferences/preferences.ts';
import { correctionMessages } from './messages.ts';
import styles from './not-right.module.css';
import { WhatItIs } from './what-it-is.tsx';

interface NotRightProps {
  /** What was answered. */
  readonly answer: Pick<Classification, 'predictions' | 'model'>;
  /** The picture itself; `small` if there is only its small copy. */
  readonly picture: () => Promise<Blob> | Blob;
  readonly small?: boolean;
}

export function NotRight({ answer, picture, small = false }: NotRightProps) {
  const say = useWords(correctionMessages);
  const notice = useNotice();
  const queries = useQueryClient();
  const [open, setOpen] = useState(false);
  const [best] = answer.predictions;
  const model = `${answer.model.name}@${answer.model.version}`;
  const forget = () => void queries.invalidateQueries({ queryKey: ['corrections'] });
  const sending = useDeed({
    mutationFn: async (label: string) => {
      const body = await picture();
      return call<KeptCorrection>('api/v1/corrections', {
        method: 'POST',
        query: { label, model, predicted: best?.label, probability: best?.probability },
        headers: pictureHeaders(body),
        body,
      });
    },
    onSuccess: () => {
      setOpen(false);
      forget();
    },
  });
  const undoing = useDeed({
    mutationFn: (id: string) => manageSilently(`api/v1/corrections/${id}`, { method: 'DELETE' }),
    onSuccess: () => {
      sending.reset();
      notice(say('undone'));
      forget();
    },
  });
  const canUndo = useMayManage();
  const kept = sending.data;
  return (
    <>
      {/* No `status`, which is what the answer has. */}
      <div aria-live="polite" className={kept ? styles.kept : undefined}>
        {kept && (
          <>
            <p ref={takeFocus} tabIndex={-1}>
              {say('thanks', { label: kept.label })}
            </p>
            {canUndo && (
              <Button look="quiet" icon={Undo2} waiting={undoing.isPending} onClick={() => undoing.mutate(kept.id)}>
                {say('undo')}
              </Button>
            )}
          </>
        )}
      </div>
      {undoing.isError && kept && <Problem error={undoing.error} onRetry={() => undoing.mutate(kept.id)} />}
      {!kept && (
        <Button
          ref={undoing.isSuccess ? takeFocus : null}
          look="quiet"
          icon={MessageCircleQuestionMark}
          onClick={() => setOpen(true)}
        >
          {say('notRight')}
        </Button>
      )}
      <Dialog title={say('title')} open={open} onClose={() => setOpen(false)}>
        <WhatItIs
          model={model}
          guesses={answer.predictions.slice(1).map(({ label }) => label)}
          isWaiting={sending.isPending}
          onSay={(label) => sending.mutate(label)}
        >
          <p className={styles.quiet}>{say(small ? 'keepsSmall' : 'keeps')}</p>
          {sending.isError && <Problem error={sending.error} onRetry={() => sending.mutate(sending.variables)} />}
        </WhatItIs>
      </Dialog>
    </>
  );
}

/** Whether it is known that this page may manage the service. */
function useMayManage(): boolean {
  const { adminToken } = usePreferences();
  const { data } = useService();
  return data?.management === 'open' || (data?.management === 'token' && adminToken !== '');
}
