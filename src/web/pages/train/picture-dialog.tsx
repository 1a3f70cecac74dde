/** One picture of a data set, larger: which class it is in, and the way into another, or out. */
import { Trash2 } from 'lucide-react';
import { useId } from 'react';
import type { Dataset, DatasetPicture } from '../../api/training-types.ts';
import { Button } from '../../components/button.tsx';
import { Dialog } from '../../components/dialog.tsx';
import { useWords } from '../../i18n/i18n.ts';
import { PrivateImage } from '../../pictures/private-image.tsx';
import { addressOfThumbnail } from './addresses.ts';
import { datasetMessages } from './dataset-messages.ts';
import styles from './picture-dialog.module.css';
import shared from './train.module.css';
import { useMoving } from './use-moving.ts';

interface PictureDialogProps {
  readonly dataset: Pick<Dataset, 'name' | 'classes'>;
  readonly picture: DatasetPicture;
  /** Classes that it may belong to rather than to its own. */
  readonly suggested?: readonly string[];
  readonly onClose: () => void;
  readonly onDelete: () => void;
}

/** More are moved in the data set itself. */
const MOST_CLASSES = 40;

export function PictureDialog({ dataset, picture, suggested = [], onClose, onDelete }: PictureDialogProps) {
  const say = useWords(datasetMessages);
  const title = useId();
  const move = useMoving(dataset.name);
  const others = dataset.classes
    .map(({ label }) => label)
    .filter((label) => label !== picture.label)
    .toSorted((one, other) => Number(suggested.includes(other)) - Number(suggested.includes(one)));
  return (
    <Dialog title={picture.label} open onClose={onClose}>
      <div className={styles.stage}>
        <PrivateImage path={addressOfThumbnail(dataset.name, picture.id)} alt={picture.label} />
      </div>
      {others.length > 0 && (
        <section className={shared.section} aria-labelledby={title}>
          <h3 id={title}>{say('move')}</h3>
          <div className={styles.classes}>
            {others.slice(0, MOST_CLASSES).map((label) => (
              <Button
                key={label}
                look={suggested.includes(label) ? 'primary' : 'secondary'}
                onClick={() => {
                  move([picture], label);
                  onClose();
                }}
              >
                {label}
              </Button>
            ))}
          </div>
        </section>
      )}
      <div className={shared.actions}>
        <Button
          icon={Trash2}
          onClick={() => {
            onDelete();
            onClose();
          }}
        >
          {say('remove')}
        </Button>
      </div>
    </Dialog>
  );
}
