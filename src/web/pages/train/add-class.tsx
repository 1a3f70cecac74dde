/** One more class, asked for nothing but its name. */
import { useQueryClient } from '@tanstack/react-query';
import { Plus } from 'lucide-react';
import { type FormEvent, useState } from 'react';
import type { Dataset } from '../../api/training-types.ts';
import { useDeed } from '../../api/use-deed.ts';
import { ManagedProblem } from '../../components/admin-token.tsx';
import { Button } from '../../components/button.tsx';
import { takeFocus } from '../../components/take-focus.ts';
import { TextField } from '../../components/text-field.tsx';
import { useWords } from '../../i18n/i18n.ts';
import cardStyles from './class-card.module.css';
import { addClass } from './create-dataset.ts';
import { datasetMessages } from './dataset-messages.ts';
import styles from './dataset-page.module.css';
import { LONGEST_LABEL, labelOf } from './names.ts';
import { refreshDataset } from './use-dataset.ts';

export function AddClass({ dataset }: { readonly dataset: Dataset }) {
  const say = useWords(datasetMessages);
  const queries = useQueryClient();
  const [open, setOpen] = useState(dataset.classes.length === 0);
  /** What was open is gone with its focus: whoever adds one class may add another. */
  const [wasOpen, setWasOpen] = useState(false);
  const close = () => {
    setOpen(false);
    setWasOpen(true);
  };
  const [exists, setExists] = useState(false);
  const adding = useDeed({
    mutationFn: (label: string) => addClass(dataset.name, label),
    onSuccess: async () => {
      await refreshDataset(queries, dataset.name);
      close();
    },
  });
  const add = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const label = labelOf(String(new FormData(event.currentTarget).get('label')));
    if (label === undefined) return;
    const isTaken = dataset.classes.some((one) => one.label === label);
    setExists(isTaken);
    if (!isTaken) adding.mutate(label);
  };
  return (
    <section className={styles.add} aria-label={say('addClass')}>
      {open ? (
        <form
          className={cardStyles.form}
          onSubmit={add}
          onKeyDown={({ key }) => {
            if (key === 'Escape') close();
          }}
        >
          <TextField label={say('newClass')} name="label" autoFocus maxLength={LONGEST_LABEL} required />
          <Button type="submit" look="primary" waiting={adding.isPending}>
            {say('add')}
          </Button>
          <Button look="quiet" onClick={close}>
            {say('cancel')}
          </Button>
          {exists && (
            <p role="alert" className={cardStyles.wrong}>
              {say('classExists')}
            </p>
          )}
          {adding.isError && <ManagedProblem error={adding.error} onRetry={() => adding.mutate(adding.variables)} />}
        </form>
      ) : (
        <Button look="quiet" icon={Plus} ref={wasOpen ? takeFocus : null} onClick={() => setOpen(true)}>
          {say('addClass')}
        </Button>
      )}
    </section>
  );
}
