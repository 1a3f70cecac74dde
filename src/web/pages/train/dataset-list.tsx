/** The data sets that there are, each with some of its pictures. */
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { Images, Trash2 } from 'lucide-react';
import { useId, useState } from 'react';
import { Link } from 'wouter';
import { manage, manageSilently } from '../../api/manage.ts';
import type { Dataset, DatasetPicture, DatasetPictures, DatasetSummary } from '../../api/training-types.ts';
import { useDeed } from '../../api/use-deed.ts';
import { ManagedProblem } from '../../components/admin-token.tsx';
import { Button, IconButton } from '../../components/button.tsx';
import { Dialog } from '../../components/dialog.tsx';
import { bytes } from '../../components/format.ts';
import { useNotice } from '../../components/toast.tsx';
import { useWords } from '../../i18n/i18n.ts';
import { PrivateImage } from '../../pictures/private-image.tsx';
import { usePreferences } from '../../preferences/preferences.ts';
import { addressOfDataset, addressOfPictures, addressOfThumbnail } from './addresses.ts';
import styles from './dataset-list.module.css';
import { trainMessages } from './messages.ts';
import { titleOf } from './names.ts';
import shared from './train.module.css';

const SHOWN = 8;

export function DatasetList({ datasets }: { readonly datasets: readonly DatasetSummary[] }) {
  const say = useWords(trainMessages);
  const title = useId();
  const [deleting, setDeleting] = useState<Deleting>();
  return (
    <section className={shared.section} aria-labelledby={title}>
      <h2 id={title}>{say('sets')}</h2>
      <ul className={styles.sets}>
        {datasets.map((dataset) => (
          <DatasetCard key={dataset.name} dataset={dataset} onDelete={setDeleting} />
        ))}
      </ul>
      <DeleteDataset deleting={deleting} onClose={() => setDeleting(undefined)} />
    </section>
  );
}

interface Deleting {
  readonly name: string;
  /** By which people know it. */
  readonly title: string;
}

interface DatasetCardProps {
  readonly dataset: DatasetSummary;
  readonly onDelete: (deleting: Deleting) => void;
}

function DatasetCard({ dataset, onDelete }: DatasetCardProps) {
  const say = useWords(trainMessages);
  const { language } = usePreferences();
  const { name } = dataset;
  const { data } = useQuery({
    queryKey: ['first pictures', name, dataset.modified],
    queryFn: ({ signal }) => look(name, signal),
    placeholderData: (known) => known,
  });
  const pictures = data?.pictures ?? [];
  const title = data ? titleOf(data.dataset, language) : name;
  return (
    <li className={`${styles.set} ${shared.surface} ${shared.covered}`}>
      <div className={styles.pictures} aria-hidden="true">
        {pictures.map(({ id }) => (
          <PrivateImage key={id} path={addressOfThumbnail(name, id)} />
        ))}
        {dataset.pictures === 0 && (
          <span className={styles.none}>
            <Images />
          </span>
        )}
      </div>
      <div className={styles.words}>
        <h3>
          <Link href={`/train/data/${encodeURIComponent(name)}`} className={shared.cover}>
            {title}
          </Link>
        </h3>
        {title !== name && <p className={`${shared.quiet} ${styles.name}`}>{name}</p>}
        <p className={shared.quiet}>
          {say('classCount', { count: dataset.classes })} ·{' '}
          {dataset.pictures === 0
            ? say('noPictures')
            : `${say('pictureCount', { count: dataset.pictures })} · ${bytes(dataset.bytes)}`}
        </p>
      </div>
      <IconButton
        icon={Trash2}
        label={say('deleteNamed', { name: title })}
        onClick={() => onDelete({ name, title })}
        className={styles.delete}
      />
    </li>
  );
}

interface Looked {
  readonly dataset: Dataset;
  /** Of each of the first classes as many. */
  readonly pictures: readonly DatasetPicture[];
}

/** @throws CallError */
async function look(name: string, signal: AbortSignal): Promise<Looked> {
  const dataset = await manage<Dataset>(addressOfDataset(name), { signal });
  const filled = dataset.classes.filter(({ pictures }) => pictures > 0).slice(0, SHOWN / 2);
  const limit = Math.ceil(SHOWN / Math.max(1, filled.length));
  const pages = await Promise.all(
    filled.map(({ label }) => manage<DatasetPictures>(addressOfPictures(name), { query: { label, limit }, signal })),
  );
  return { dataset, pictures: pages.flatMap(({ pictures }) => pictures).slice(0, SHOWN) };
}

interface DeleteDatasetProps {
  /** Undefined while none is to be deleted. */
  readonly deleting: Deleting | undefined;
  readonly onClose: () => void;
}

function DeleteDataset({ deleting, onClose }: DeleteDatasetProps) {
  const say = useWords(trainMessages);
  const notice = useNotice();
  const queries = useQueryClient();
  const deletion = useDeed({
    mutationFn: (gone: Deleting) => manageSilently(addressOfDataset(gone.name), { method: 'DELETE' }),
    onSuccess: (_nothing, gone) => {
      notice(say('deleted', { name: gone.title }));
      onClose();
      return queries.invalidateQueries({ queryKey: ['datasets'] });
    },
  });
  const isOfThis = deletion.variables?.name === deleting?.name;
  const start = () => deleting && deletion.mutate(deleting);
  return (
    <Dialog
      title={say('deleteSetTitle', { name: deleting?.title ?? '' })}
      open={deleting !== undefined}
      onClose={onClose}
    >
      <p>{say('deleteSetAdvice')}</p>
      {isOfThis && deletion.isError && <ManagedProblem error={deletion.error} onRetry={start} />}
      <div className={shared.actions}>
        <Button look="primary" icon={Trash2} waiting={isOfThis && deletion.isPending} onClick={start}>
          {say('deleteForGood')}
        </Button>
        <Button onClick={onClose}>{say('keep')}</Button>
      </div>
    </Dialog>
  );
}
