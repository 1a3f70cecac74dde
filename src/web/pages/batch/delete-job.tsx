/** Deletes a job, once people have said that they mean it. */
import { useQueryClient } from '@tanstack/react-query';
import { Trash2 } from 'lucide-react';
import { refusedWith, send } from '../../api/call.ts';
import { useDeed } from '../../api/use-deed.ts';
import { Button } from '../../components/button.tsx';
import { Dialog } from '../../components/dialog.tsx';
import { Problem } from '../../components/problem.tsx';
import { useNotice } from '../../components/toast.tsx';
import { useWords } from '../../i18n/i18n.ts';
import styles from './delete-job.module.css';
import { addressOfJob } from './following.ts';
import { batchMessages } from './messages.ts';

interface DeleteJobProps {
  /** Of the job; null while none is to be deleted. */
  readonly id: string | null;
  readonly onClose: () => void;
  /** It is gone: to be closed, unless another one is asked for by then. */
  readonly onDeleted: (id: string) => void;
}

export function DeleteJob({ id, onClose, onDeleted }: DeleteJobProps) {
  const say = useWords(batchMessages);
  const notice = useNotice();
  const queries = useQueryClient();
  const deletion = useDeed({
    mutationFn: deleteJob,
    onSuccess: () => {
      notice(say('deleted'));
      void queries.invalidateQueries({ queryKey: ['jobs'] });
    },
  });
  const isOfThis = deletion.variables === id;
  const start = () => id !== null && deletion.mutate(id, { onSuccess: () => onDeleted(id) });
  const close = () => {
    if (!deletion.isPending) deletion.reset();
    onClose();
  };
  return (
    <Dialog title={say('deleteTitle')} open={id !== null} onClose={close}>
      <p>{say('deleteAdvice')}</p>
      {isOfThis && deletion.isError && <Problem error={deletion.error} onRetry={start} />}
      <div className={styles.actions}>
        <Button look="primary" icon={Trash2} waiting={isOfThis && deletion.isPending} onClick={start}>
          {say('deleteAnyway')}
        </Button>
        <Button onClick={close}>{say('keep')}</Button>
      </div>
    </Dialog>
  );
}

/** One that is gone already is deleted, too. @throws CallError */
async function deleteJob(id: string): Promise<void> {
  try {
    await send(addressOfJob(id), { method: 'DELETE' });
  } catch (error) {
    const isGone = refusedWith(error)?.status === 404;
    if (!isGone) throw error;
  }
}
