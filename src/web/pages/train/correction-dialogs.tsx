/** Changes what was said about a picture, or deletes it with the picture. */
import { useQueryClient } from '@tanstack/react-query';
import { Trash2 } from 'lucide-react';
import { manageSilently } from '../../api/manage.ts';
import type { Correction } from '../../api/training-types.ts';
import { useDeed } from '../../api/use-deed.ts';
import { ManagedProblem } from '../../components/admin-token.tsx';
import { Button } from '../../components/button.tsx';
import { Dialog } from '../../components/dialog.tsx';
import { useNotice } from '../../components/toast.tsx';
import { WhatItIs } from '../../corrections/what-it-is.tsx';
import { useWords } from '../../i18n/i18n.ts';
import { inboxMessages } from './corrections-messages.ts';
import shared from './train.module.css';

const CORRECTIONS = 'api/v1/corrections';

interface EditCorrectionProps {
  /** Undefined while none is changed. */
  readonly correction: Correction | undefined;
  readonly onClose: () => void;
}

export function EditCorrection({ correction, onClose }: EditCorrectionProps) {
  const say = useWords(inboxMessages);
  const notice = useNotice();
  const queries = useQueryClient();
  const change = useDeed({
    mutationFn: ({ id, label }: Pick<Correction, 'id' | 'label'>) =>
      manageSilently(`${CORRECTIONS}/${id}`, { method: 'PATCH', json: { label } }),
    onSuccess: (_nothing, { label }) => {
      notice(say('changed', { label }));
      onClose();
      return queries.invalidateQueries({ queryKey: ['corrections'] });
    },
  });
  return (
    <Dialog title={say('editTitle')} open={correction !== undefined} onClose={onClose}>
      {correction && (
        <WhatItIs
          model={correction.model ?? undefined}
          guesses={[correction.label, correction.predicted].filter((label) => label !== null)}
          isWaiting={change.isPending}
          onSay={(label) => change.mutate({ id: correction.id, label })}
        >
          {change.isError && <ManagedProblem error={change.error} onRetry={() => change.mutate(change.variables)} />}
        </WhatItIs>
      )}
    </Dialog>
  );
}

interface DeleteCorrectionsProps {
  /** Undefined while none is to be deleted. */
  readonly which: Correction | 'all' | undefined;
  readonly total: number;
  readonly onClose: () => void;
}

export function DeleteCorrections({ which, total, onClose }: DeleteCorrectionsProps) {
  const say = useWords(inboxMessages);
  const notice = useNotice();
  const queries = useQueryClient();
  const isAll = which === 'all';
  const deletion = useDeed({
    mutationFn: (path: string) => manageSilently(path, { method: 'DELETE' }),
    onSuccess: () => {
      notice(say('deleted'));
      onClose();
      return queries.invalidateQueries({ queryKey: ['corrections'] });
    },
  });
  const path = which === undefined || isAll ? CORRECTIONS : `${CORRECTIONS}/${which.id}`;
  return (
    <Dialog title={say(isAll ? 'removeAllTitle' : 'removeTitle')} open={which !== undefined} onClose={onClose}>
      <p>{isAll ? say('removeAllAdvice', { count: total }) : say('removeAdvice')}</p>
      {deletion.isError && <ManagedProblem error={deletion.error} onRetry={() => deletion.mutate(path)} />}
      <div className={shared.actions}>
        <Button look="primary" icon={Trash2} waiting={deletion.isPending} onClick={() => deletion.mutate(path)}>
          {say('deleteForGood')}
        </Button>
        <Button onClick={onClose}>{say('keep')}</Button>
      </div>
    </Dialog>
  );
}
