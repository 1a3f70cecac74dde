/** Where pictures are dropped or chosen. */
import { FolderOpen, FolderUp, Images } from 'lucide-react';
import { FileButton } from '../../components/button.tsx';
import { useWords } from '../../i18n/i18n.ts';
import { chosenFrom } from '../../pictures/chosen-files.ts';
import { Invitation } from '../../pictures/invitation.tsx';
import styles from './chooser.module.css';
import { batchMessages } from './messages.ts';
import { addFiles, useOutbox } from './outbox.ts';

const ACCEPTED = 'image/*,.heic,.heif,.zip,.tar,.tgz,.tar.gz';

interface ChooserProps {
  readonly isDragging: boolean;
  /** What was dropped is being looked through. */
  readonly isReading: boolean;
}

export function Chooser({ isDragging, isReading }: ChooserProps) {
  const say = useWords(batchMessages);
  const { selection } = useOutbox();
  return (
    <section aria-label={say('title')}>
      <Invitation
        sign={FolderUp}
        title={
          <p role="status">
            <span className="for-mouse">{say(isReading ? 'reading' : isDragging ? 'dropNow' : 'drop')}</span>
            <span className="for-touch">{say(isReading ? 'reading' : 'dropTouch')}</span>
          </p>
        }
        ways={<ChooseButtons look="primary" />}
        note={say('dropHint')}
        isDragging={isDragging}
      />
      {selection.leftOut.length > 0 && (
        <p role="alert" className={styles.nothing}>
          {say('nothingHere')}
        </p>
      )}
    </section>
  );
}

export function ChooseButtons({ look = 'secondary' }: { readonly look?: 'primary' | 'secondary' }) {
  const say = useWords(batchMessages);
  const add = (files: readonly File[]) => addFiles(chosenFrom(files));
  return (
    <div className={styles.buttons}>
      <FileButton look={look} icon={Images} label={say('chooseFiles')} multiple accept={ACCEPTED} onFiles={add} />
      <FileButton icon={FolderOpen} label={say('chooseFolder')} webkitdirectory="" onFiles={add} />
    </div>
  );
}
