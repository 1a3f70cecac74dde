/** One data set: its classes side by side with their pictures, and beside them the training. */
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { ArrowLeft, GraduationCap } from 'lucide-react';
import { type DragEvent, useEffect, useRef, useState } from 'react';
import { useParams } from 'wouter';
import { refusedWith } from '../../api/call.ts';
import type { Dataset, DatasetPicture } from '../../api/training-types.ts';
import { ManagedProblem } from '../../components/admin-token.tsx';
import { Button } from '../../components/button.tsx';
import { ButtonLink } from '../../components/button-link.tsx';
import { Page } from '../../components/page.tsx';
import { useNotice } from '../../components/toast.tsx';
import { useWords } from '../../i18n/i18n.ts';
import { useArrivals } from '../../pictures/arrivals.ts';
import { type Chosen, droppedFrom } from '../../pictures/chosen-files.ts';
import { usePreferences } from '../../preferences/preferences.ts';
import { AddClass } from './add-class.tsx';
import { ClassCard } from './class-card.tsx';
import { addFolders } from './create-dataset.ts';
import { datasetMessages } from './dataset-messages.ts';
import styles from './dataset-page.module.css';
import { titleOf } from './names.ts';
import { commitQuietly, removePictures } from './removal.ts';
import { Removed } from './removed.tsx';
import { sortFiles } from './sort-files.ts';
import { TRAINING, TrainPanel } from './train-panel.tsx';
import { UploadState } from './upload-state.tsx';
import { addUploads, resumeUploads } from './uploads.ts';
import { refreshDataset, useDataset, useKeepUp } from './use-dataset.ts';

export default function DatasetPage() {
  const { name = '' } = useParams<{ name: string }>();
  // One after the other: what is done in one has nothing to do with the next.
  return <Named key={name} name={name} />;
}

function Named({ name }: { readonly name: string }) {
  const say = useWords(datasetMessages);
  const { language } = usePreferences();
  const { dataset, error, refetch } = useDataset(name);
  useKeepUp(name);
  useEffect(() => {
    void resumeUploads();
    return commitQuietly;
  }, []);
  const isGone = refusedWith(error)?.status === 404;
  const title = dataset && !isGone ? titleOf(dataset, language) : name;
  return (
    <Page
      title={title}
      intro={
        <>
          {title !== name && <span className={styles.name}>{name}</span>}
          {say(isGone ? 'gone' : 'intro')}
        </>
      }
      actions={
        <>
          <ButtonLink href="/train" icon={ArrowLeft}>
            {say('back')}
          </ButtonLink>
          {dataset && !isGone && (
            <Button icon={GraduationCap} className={styles.down} onClick={goToTraining}>
              {say('toTraining')}
            </Button>
          )}
        </>
      }
    >
      {error && !dataset && !isGone && <ManagedProblem error={error} onRetry={() => void refetch()} />}
      {dataset && !isGone && <Bench dataset={dataset} />}
    </Page>
  );
}

/** Where there is one column, it stands below all classes. */
function goToTraining(): void {
  const heading = document.getElementById(TRAINING);
  heading?.focus({ preventScroll: true });
  heading?.scrollIntoView();
}

/** What a drop or a paste has under it. */
const classAt = (target: EventTarget | null): string | undefined =>
  target instanceof Element ? target.closest<HTMLElement>('[data-class]')?.dataset.class : undefined;

function Bench({ dataset }: { readonly dataset: Dataset }) {
  const say = useWords(datasetMessages);
  const notice = useNotice();
  const queries = useQueryClient();
  const [over, setOver] = useState<string>();
  const [camera, setCamera] = useState<string>();
  const [renamed, setRenamed] = useState<string>();
  const [reading, setReading] = useState(0);
  /** The class that was used last: what is pasted is for that one. */
  const last = useRef<string>(undefined);
  const filling = useMutation({
    mutationFn: (classes: ReturnType<typeof sortFiles>['classes']) => addFolders(dataset, classes),
    onSettled: () => refreshDataset(queries, dataset.name),
  });
  const known = (label: string | undefined) => dataset.classes.find((one) => one.label === label)?.label;

  function take(files: readonly Chosen[], label: string | undefined, pasted: boolean): void {
    const { classes, leftOut } = sortFiles(files);
    if (leftOut.length > 0) notice(say('leftOut', { count: leftOut.length }));
    else if (classes.size === 0) notice(say('noneFound'));
    if (label !== undefined) {
      const all = [...classes.values()].flat();
      void addUploads(all.map((file) => ({ dataset: dataset.name, label, ...file })));
      return;
    }
    if (classes.has(undefined)) notice(say(pasted ? 'pasteWhich' : 'dropWhich'));
    if ([...classes.keys()].some((one) => one !== undefined)) filling.mutate(classes);
  }

  const isDragging = useArrivals({
    onFiles: async (_files, transfer, { target, pasted }) => {
      const label = known(classAt(target) ?? (pasted ? last.current : undefined));
      setOver(undefined);
      setReading((count) => count + 1);
      const files = await droppedFrom(transfer);
      setReading((count) => count - 1);
      take(files, label, pasted);
    },
    onNothing: () => notice(say('nothingPasted')),
  });

  const remove = (pictures: readonly DatasetPicture[]) => {
    if (pictures.length > 0) removePictures({ dataset: dataset.name, pictures });
  };
  const remember = ({ target }: { readonly target: EventTarget }) => {
    last.current = classAt(target) ?? last.current;
  };
  return (
    <>
      <div className={styles.bench}>
        {/* biome-ignore lint/a11y/noStaticElementInteractions: only looks where things are dragged and pasted */}
        <div
          className={styles.classes}
          onDragOver={({ target }: DragEvent) => setOver(classAt(target))}
          onDragLeave={({ relatedTarget }: DragEvent) => setOver(classAt(relatedTarget))}
          onPointerDown={remember}
          onFocus={remember}
        >
          <h2 className="visually-hidden">{say('classes')}</h2>
          {dataset.classes.map((one) => (
            <ClassCard
              key={one.label}
              dataset={dataset}
              one={one}
              isDragging={isDragging}
              isOver={isDragging && over === one.label}
              hasCamera={camera === one.label}
              isRenamed={renamed === one.label}
              onCamera={(on) => setCamera(on ? one.label : undefined)}
              onRenamed={setRenamed}
              onDelete={remove}
            />
          ))}
          <AddClass dataset={dataset} />
        </div>
        <div className={styles.side}>
          <TrainPanel dataset={dataset} />
          <UploadState dataset={dataset.name} />
          {filling.isError && (
            <ManagedProblem error={filling.error} onRetry={() => filling.mutate(filling.variables)} />
          )}
        </div>
      </div>
      <Removed dataset={dataset.name}>
        {(isDragging || reading > 0) && (
          <p className={styles.dropping}>{say(reading > 0 && !isDragging ? 'reading' : 'drop')}</p>
        )}
      </Removed>
    </>
  );
}
