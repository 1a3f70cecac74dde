/** What can be done with the pictures that are chosen. */
import { CheckCheck, Eye, FolderInput, Trash2, X } from 'lucide-react';
import { useState } from 'react';
import type { Dataset, DatasetPicture } from '../../api/training-types.ts';
import { Button, IconButton } from '../../components/button.tsx';
import { Menu } from '../../components/menu.tsx';
import { useWords } from '../../i18n/i18n.ts';
import styles from './class-card.module.css';
import { datasetMessages } from './dataset-messages.ts';
import { PictureDialog } from './picture-dialog.tsx';
import { useMoving } from './use-moving.ts';

interface ChosenPicturesProps {
  readonly dataset: Dataset;
  readonly pictures: readonly DatasetPicture[];
  /** Pictures of the class. */
  readonly total: number;
  readonly onAll: () => void;
  readonly onNone: () => void;
  readonly onDelete: (pictures: readonly DatasetPicture[]) => void;
}

export function ChosenPictures({ dataset, pictures, total, onAll, onNone, onDelete }: ChosenPicturesProps) {
  const say = useWords(datasetMessages);
  const move = useMoving(dataset.name);
  const [looking, setLooking] = useState<DatasetPicture>();
  const [first] = pictures;
  const others = dataset.classes.filter(({ label }) => label !== first?.label);
  return (
    <>
      {first && (
        <div className={styles.choice}>
          <div className={styles.chosen}>
            <p role="status">{say('chosen', { count: pictures.length })}</p>
            {pictures.length < total && <IconButton icon={CheckCheck} label={say('all')} onClick={onAll} />}
            <IconButton icon={X} label={say('clear')} onClick={onNone} />
          </div>
          {others.length > 0 && (
            <Menu
              label={say('move')}
              icon={FolderInput}
              items={others.map(({ label }) => ({ label, onChoose: () => move(pictures, label) }))}
            />
          )}
          <Button icon={Trash2} onClick={() => onDelete(pictures)}>
            {say('remove')}
          </Button>
          {pictures.length === 1 && <IconButton icon={Eye} label={say('look')} onClick={() => setLooking(first)} />}
        </div>
      )}
      {looking && (
        <PictureDialog
          dataset={dataset}
          picture={looking}
          onClose={() => setLooking(undefined)}
          onDelete={() => onDelete([looking])}
        />
      )}
    </>
  );
}
