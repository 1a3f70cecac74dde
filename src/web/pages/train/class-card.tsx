/** One class: its name, its pictures, and the ways to get more. */
import { Camera, Images, Lightbulb } from 'lucide-react';
import { useId, useRef, useState } from 'react';
import type { Dataset, DatasetClass, DatasetPicture } from '../../api/training-types.ts';
import { ManagedProblem } from '../../components/admin-token.tsx';
import { Button } from '../../components/button.tsx';
import { useWords } from '../../i18n/i18n.ts';
import { chosenFrom } from '../../pictures/chosen-files.ts';
import { PicturesButton } from '../../pictures/pictures-button.tsx';
import { Capture } from './capture.tsx';
import { stillThere } from './choosing.ts';
import { ChosenPictures } from './chosen-pictures.tsx';
import styles from './class-card.module.css';
import { ClassHead } from './class-head.tsx';
import { datasetMessages } from './dataset-messages.ts';
import { type ClassHint, ENOUGH, hintFor } from './hints.ts';
import { PictureGrid } from './picture-grid.tsx';
import shared from './train.module.css';
import { addUploads, useUploads } from './uploads.ts';
import { usePictures } from './use-dataset.ts';
import { useLasting } from './use-lasting.ts';
import { useNear } from './use-near.ts';

interface ClassCardProps {
  readonly dataset: Dataset;
  readonly one: DatasetClass;
  readonly isDragging: boolean;
  readonly isOver: boolean;
  readonly hasCamera: boolean;
  /** It has got its name just now, and takes the focus. */
  readonly isRenamed: boolean;
  readonly onCamera: (on: boolean) => void;
  readonly onRenamed: (label: string) => void;
  readonly onDelete: (pictures: readonly DatasetPicture[]) => void;
}

export function ClassCard(props: ClassCardProps) {
  const { dataset, one, isDragging, isOver, hasCamera, isRenamed, onCamera, onRenamed, onDelete } = props;
  const say = useWords(datasetMessages);
  const title = useId();
  const { label } = one;
  const [ticked, setTicked] = useState<ReadonlySet<string>>(new Set());
  const card = useRef<HTMLElement>(null);
  // There may be thousands of classes.
  const isNear = useNear(card);
  const { pictures, error, refetch } = usePictures(dataset.name, label, isNear);
  const chosen = stillThere(
    ticked,
    pictures.map(({ id }) => id),
  );
  const add = (files: readonly File[]) =>
    void addUploads(chosenFrom(files).map((file) => ({ dataset: dataset.name, label, ...file })));
  return (
    <section
      ref={card}
      className={`${styles.card} ${shared.surface}`}
      aria-labelledby={title}
      data-class={label}
      data-dragging={isDragging || undefined}
      data-over={isOver || undefined}
    >
      <ClassHead dataset={dataset} one={one} titleId={title} isRenamed={isRenamed} onRenamed={onRenamed} />
      <div className={styles.ways}>
        <PicturesButton label={say('choose')} aria-label={say('choosePictures', { label })} multiple onFiles={add} />
        <Button
          icon={Camera}
          aria-label={say('cameraFor', { label })}
          aria-pressed={hasCamera}
          onClick={() => onCamera(!hasCamera)}
        >
          {say('camera')}
        </Button>
      </div>
      {hasCamera && <Capture label={label} onPicture={(file) => add([file])} onClose={() => onCamera(false)} />}
      {error && pictures.length === 0 && <ManagedProblem error={error} onRetry={() => void refetch()} />}
      {pictures.length > 0 ? (
        <PictureGrid
          dataset={dataset.name}
          label={label}
          pictures={pictures}
          chosen={chosen}
          onChoose={setTicked}
          onDelete={onDelete}
        />
      ) : (
        one.pictures === 0 &&
        !hasCamera && (
          <p className={styles.nothing}>{isOver ? say('dropHere', { label }) : say('empty', { more: ENOUGH })}</p>
        )
      )}
      <ChosenPictures
        dataset={dataset}
        pictures={pictures.filter(({ id }) => chosen.has(id))}
        total={pictures.length}
        onAll={() => setTicked(new Set(pictures.map(({ id }) => id)))}
        onNone={() => setTicked(new Set())}
        onDelete={onDelete}
      />
      <OnTheWay dataset={dataset.name} label={label} />
      <Hint hint={hintFor(one, dataset.classes)} />
    </section>
  );
}

function Hint({ hint }: { readonly hint: ClassHint }) {
  const say = useWords(datasetMessages);
  // What is empty says so itself.
  if (hint.kind === 'none' || hint.kind === 'empty') return null;
  return (
    <p className={styles.hint}>
      <Lightbulb aria-hidden="true" />
      {hint.kind === 'large' ? say('large', { times: hint.times }) : say('few', { more: hint.more })}
    </p>
  );
}

function OnTheWay({ dataset, label }: { readonly dataset: string; readonly label: string }) {
  const say = useWords(datasetMessages);
  const { left } = useUploads();
  const count = left.filter((one) => one.dataset === dataset && one.label === label).length;
  // A camera sends one after the other.
  if (!useLasting(count > 0)) return null;
  return (
    <p className={styles.hint}>
      <Images aria-hidden="true" />
      {say('sendingClass', { count })}
    </p>
  );
}
