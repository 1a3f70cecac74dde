/** What people collect to train with, what was trained, and what was corrected. */
import { useQuery } from '@tanstack/react-query';
import { Plus } from 'lucide-react';
import { useState } from 'react';
import { manage } from '../../api/manage.ts';
import type { Datasets } from '../../api/training-types.ts';
import { ManagedProblem } from '../../components/admin-token.tsx';
import { Button } from '../../components/button.tsx';
import { Dialog } from '../../components/dialog.tsx';
import { Page } from '../../components/page.tsx';
import { useNotice } from '../../components/toast.tsx';
import { useWords } from '../../i18n/i18n.ts';
import { useArrivals } from '../../pictures/arrivals.ts';
import { droppedFrom } from '../../pictures/chosen-files.ts';
import { DropHint } from '../../pictures/drop-hint.tsx';
import { DATASETS } from './addresses.ts';
import { BeginningForm, FirstDataset, useBeginning } from './beginning.tsx';
import { CorrectionsCard } from './corrections-card.tsx';
import { DatasetList } from './dataset-list.tsx';
import { trainMessages } from './messages.ts';
import styles from './train.module.css';
import { TrainingList } from './training-list.tsx';

export default function TrainPage() {
  const say = useWords(trainMessages);
  const { data, error, refetch } = useQuery({
    queryKey: ['datasets'],
    queryFn: ({ signal }) => manage<Datasets>(DATASETS, { signal }),
  });
  const [isNew, setIsNew] = useState(false);
  const beginning = useBeginning();
  const notice = useNotice();
  const isDragging = useArrivals({
    onFiles: async (_files, transfer) => {
      const files = await droppedFrom(transfer);
      if (files.some(({ name }) => name.includes('/'))) beginning.mutate({ labels: [], files });
      else notice(say('loosePictures'));
    },
  });
  const closeNew = () => {
    setIsNew(false);
    // What failed in there is over with it.
    if (beginning.isError) beginning.reset();
  };
  const isEmpty = data?.datasets.length === 0;
  return (
    <Page
      title={say('title')}
      intro={say('intro')}
      actions={
        data &&
        !isEmpty && (
          <Button look="primary" icon={Plus} onClick={() => setIsNew(true)}>
            {say('newSet')}
          </Button>
        )
      }
    >
      {error && !data && (
        <ManagedProblem
          error={error}
          onRetry={() => void refetch()}
          instead={
            <>
              <p>{say('instead')}</p>
              <code className={styles.code}>kaiyan train --data-path ./pictures</code>
            </>
          }
        />
      )}
      {!data && !error && <p role="status">{say('loading')}</p>}
      {isDragging && !isEmpty && <DropHint>{say('dropFolder')}</DropHint>}
      {/* A folder was dropped: the form that would say it is not open. */}
      {beginning.isError && !isEmpty && !isNew && (
        <ManagedProblem error={beginning.error} onRetry={() => beginning.mutate(beginning.variables)} />
      )}
      {isEmpty && <FirstDataset beginning={beginning} isDragging={isDragging} />}
      {data && !isEmpty && <DatasetList datasets={data.datasets} />}
      {data && (
        <>
          <TrainingList />
          <CorrectionsCard />
        </>
      )}
      <Dialog title={say('newSetTitle')} open={isNew} onClose={closeNew}>
        <BeginningForm beginning={beginning} />
      </Dialog>
    </Page>
  );
}
