/** A new data set: people name two things, and are asked for nothing else. */
import { useQueryClient } from '@tanstack/react-query';
import { ArrowLeftRight, FolderOpen, GraduationCap } from 'lucide-react';
import { type FormEvent, useId, useState } from 'react';
import { useLocation } from 'wouter';
import { useDeed } from '../../api/use-deed.ts';
import { ManagedProblem } from '../../components/admin-token.tsx';
import { Button, FileButton } from '../../components/button.tsx';
import { TextField } from '../../components/text-field.tsx';
import { useWords } from '../../i18n/i18n.ts';
import { chosenFrom } from '../../pictures/chosen-files.ts';
import { Invitation } from '../../pictures/invitation.tsx';
import styles from './beginning.module.css';
import { createDataset } from './create-dataset.ts';
import { trainMessages } from './messages.ts';
import { LONGEST_LABEL, labelOf } from './names.ts';

/** Makes a data set and opens it; `files` are put into the classes of their folders. */
export function useBeginning() {
  const [, open] = useLocation();
  const queries = useQueryClient();
  return useDeed({
    mutationFn: createDataset,
    onSuccess: (name) => {
      void queries.invalidateQueries({ queryKey: ['datasets'] });
      open(`/train/data/${encodeURIComponent(name)}`);
    },
  });
}

type Beginning = ReturnType<typeof useBeginning>;

interface BeginningProps {
  readonly beginning: Beginning;
  readonly isDragging: boolean;
}

/** Where there is no data set yet. */
export function FirstDataset({ beginning, isDragging }: BeginningProps) {
  const say = useWords(trainMessages);
  const title = useId();
  return (
    <section aria-labelledby={title}>
      <Invitation
        sign={GraduationCap}
        title={<h2 id={title}>{say('invitation')}</h2>}
        intro={say('invitationNote')}
        ways={<BeginningForm beginning={beginning} />}
        note={`${say('orFolder')} ${say('privacy')}`}
        isDragging={isDragging}
      />
    </section>
  );
}

export function BeginningForm({ beginning }: Pick<BeginningProps, 'beginning'>) {
  const say = useWords(trainMessages);
  const [isSame, setIsSame] = useState(false);
  const begin = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const typed = new FormData(event.currentTarget);
    const labels = ['first', 'second'].map((name) => labelOf(String(typed.get(name))));
    const things = labels.filter((label) => label !== undefined);
    const same = things.length === 2 && things[0] === things[1];
    setIsSame(same);
    if (!same && things.length === 2) beginning.mutate({ labels: things });
  };
  const addFolder = (files: readonly File[]) => beginning.mutate({ labels: [], files: chosenFrom(files) });
  return (
    <form className={styles.form} onSubmit={begin}>
      <TextField
        label={say('firstThing')}
        name="first"
        required
        maxLength={LONGEST_LABEL}
        placeholder={say('firstExample')}
      />
      <ArrowLeftRight aria-hidden="true" className={styles.between} />
      <TextField
        label={say('secondThing')}
        name="second"
        required
        maxLength={LONGEST_LABEL}
        placeholder={say('secondExample')}
      />
      {isSame && (
        <p role="alert" className={styles.wrong}>
          {say('sameThing')}
        </p>
      )}
      <div className={styles.submit}>
        <Button type="submit" look="primary" waiting={beginning.isPending}>
          {say('begin')}
        </Button>
        <FileButton icon={FolderOpen} label={say('chooseFolder')} webkitdirectory="" onFiles={addFolder} />
      </div>
      {beginning.isError && (
        <ManagedProblem error={beginning.error} onRetry={() => beginning.mutate(beginning.variables)} />
      )}
    </form>
  );
}
