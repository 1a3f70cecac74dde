/** The name of a class, edited where it stands, and what else can be done with the whole of it. */
import { useQueryClient } from '@tanstack/react-query';
import { Languages, Pencil, Trash2 } from 'lucide-react';
import { type FormEvent, useState } from 'react';
import { manageSilently } from '../../api/manage.ts';
import type { Dataset, DatasetClass } from '../../api/training-types.ts';
import { useDeed } from '../../api/use-deed.ts';
import { ManagedProblem } from '../../components/admin-token.tsx';
import { Button, IconButton } from '../../components/button.tsx';
import { Dialog } from '../../components/dialog.tsx';
import { takeFocus } from '../../components/take-focus.ts';
import { TextField } from '../../components/text-field.tsx';
import { useWords } from '../../i18n/i18n.ts';
import { addressOfClasses } from './addresses.ts';
import styles from './class-card.module.css';
import { datasetMessages } from './dataset-messages.ts';
import { LONGEST_LABEL, labelOf } from './names.ts';
import shared from './train.module.css';
import { refreshDataset } from './use-dataset.ts';

type Field = 'label' | 'zh';

interface ClassHeadProps {
  readonly dataset: Dataset;
  readonly one: DatasetClass;
  readonly titleId: string;
  /** It has got its name just now, and takes the focus. */
  readonly isRenamed: boolean;
  readonly onRenamed: (label: string) => void;
}

export function ClassHead({ dataset, one, titleId, isRenamed, onRenamed }: ClassHeadProps) {
  const say = useWords(datasetMessages);
  const [editing, setEditing] = useState<Field | null>(null);
  /** Whoever has named it, or decided not to, goes on at the button that they came from. */
  const [toFocus, setToFocus] = useState<Field | null>(isRenamed ? 'label' : null);
  const edit = (field: Field) => {
    setToFocus(null);
    setEditing(field);
  };
  const [deleting, setDeleting] = useState(false);
  const { label, zh, pictures } = one;
  return (
    <>
      <div className={styles.head}>
        <div className={styles.title}>
          <h3 id={titleId}>
            <button
              type="button"
              ref={toFocus === 'label' ? takeFocus : null}
              className={styles.name}
              title={say('rename', { label })}
              onClick={() => edit('label')}
            >
              {label} {zh !== '' && zh !== label && <span className={styles.zh}>{zh} </span>}
              <Pencil aria-hidden="true" />
            </button>
          </h3>
          <p className={styles.count}>
            {pictures === 0 ? say('noPictures') : say('pictureCount', { count: pictures })}
          </p>
        </div>
        <IconButton
          ref={toFocus === 'zh' ? takeFocus : null}
          icon={Languages}
          label={say('chineseNameOf', { label })}
          onClick={() => edit('zh')}
        />
        <IconButton icon={Trash2} label={say('deleteClass', { label })} onClick={() => setDeleting(true)} />
      </div>
      {editing && (
        <NameForm
          key={editing}
          dataset={dataset}
          one={one}
          field={editing}
          onRenamed={onRenamed}
          onClose={() => {
            setEditing(null);
            setToFocus(editing);
          }}
        />
      )}
      <DeleteClass dataset={dataset} one={one} open={deleting} onClose={() => setDeleting(false)} />
    </>
  );
}

interface NameFormProps {
  readonly dataset: Dataset;
  readonly one: DatasetClass;
  readonly field: Field;
  readonly onRenamed: (label: string) => void;
  readonly onClose: () => void;
}

function NameForm({ dataset, one, field, onRenamed, onClose }: NameFormProps) {
  const say = useWords(datasetMessages);
  const queries = useQueryClient();
  const [exists, setExists] = useState(false);
  const change = useDeed({
    mutationFn: (json: Readonly<Record<string, string>>) =>
      manageSilently(addressOfClasses(dataset.name), { method: 'PATCH', json: { label: one.label, ...json } }),
    onSuccess: async (_nothing, { newLabel }) => {
      if (newLabel !== undefined) onRenamed(newLabel);
      await refreshDataset(queries, dataset.name);
      onClose();
    },
  });
  const save = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const typed = labelOf(String(new FormData(event.currentTarget).get('name'))) ?? '';
    if (typed === one[field] || (field === 'label' && typed === '')) return onClose();
    const isTaken = field === 'label' && dataset.classes.some(({ label }) => label === typed);
    setExists(isTaken);
    if (!isTaken) change.mutate(field === 'label' ? { newLabel: typed } : { zh: typed || one.label });
  };
  return (
    <form
      className={styles.form}
      onSubmit={save}
      onKeyDown={({ key }) => {
        if (key === 'Escape') onClose();
      }}
    >
      <TextField
        label={say(field === 'label' ? 'label' : 'chineseName')}
        note={field === 'zh' ? say('chineseNameNote') : undefined}
        name="name"
        autoFocus
        maxLength={LONGEST_LABEL}
        lang={field === 'zh' ? 'zh-CN' : undefined}
        defaultValue={field === 'zh' && one.zh === one.label ? '' : one[field]}
        onFocus={({ currentTarget }) => currentTarget.select()}
      />
      <Button type="submit" look="primary" waiting={change.isPending}>
        {say('save')}
      </Button>
      <Button look="quiet" onClick={onClose}>
        {say('cancel')}
      </Button>
      {exists && (
        <p role="alert" className={styles.wrong}>
          {say('classExists')}
        </p>
      )}
      {change.isError && <ManagedProblem error={change.error} onRetry={() => change.mutate(change.variables)} />}
    </form>
  );
}

interface DeleteClassProps extends Omit<NameFormProps, 'field' | 'onRenamed'> {
  readonly open: boolean;
}

function DeleteClass({ dataset, one: { label, pictures }, open, onClose }: DeleteClassProps) {
  const say = useWords(datasetMessages);
  const queries = useQueryClient();
  const deletion = useDeed({
    mutationFn: () => manageSilently(addressOfClasses(dataset.name), { method: 'DELETE', query: { label } }),
    onSuccess: async () => {
      onClose();
      await refreshDataset(queries, dataset.name);
    },
  });
  return (
    <Dialog title={say('deleteClassTitle', { label })} open={open} onClose={onClose}>
      {pictures > 0 && <p>{say('deleteClassAdvice', { count: pictures })}</p>}
      {deletion.isError && <ManagedProblem error={deletion.error} onRetry={() => deletion.mutate()} />}
      <div className={shared.actions}>
        <Button look="primary" icon={Trash2} waiting={deletion.isPending} onClick={() => deletion.mutate()}>
          {say('deleteForGood')}
        </Button>
        <Button onClick={onClose}>{say('keep')}</Button>
      </div>
    </Dialog>
  );
}
