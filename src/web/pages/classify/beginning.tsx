/** Before there is a picture: what to do, and something to try. */
import { Camera, ScanSearch } from 'lucide-react';
import { FileButton } from '../../components/button.tsx';
import { useWords } from '../../i18n/i18n.ts';
import { Invitation } from '../../pictures/invitation.tsx';
import { PicturesButton } from '../../pictures/pictures-button.tsx';
import { Welcome } from '../../pictures/welcome.tsx';
import styles from './beginning.module.css';
import { classifyMessages } from './messages.ts';

export function Beginning({ onFiles }: { readonly onFiles: (files: readonly File[]) => void }) {
  const say = useWords(classifyMessages);
  const invitation = (
    <Invitation
      sign={ScanSearch}
      // The heading of the page says it to those who cannot see this.
      title={
        <p className={styles.question} aria-hidden="true">
          {say('title')}
        </p>
      }
      intro={
        <>
          <span className="for-mouse">{say('intro')}</span>
          <span className="for-touch">{say('introTouch')}</span>
        </>
      }
      ways={
        <>
          <PicturesButton look="primary" label={say('choose')} multiple onFiles={onFiles} />
          {/* A computer's camera has a page of its own; a phone's takes the picture at once. */}
          <span className="for-touch">
            <FileButton icon={Camera} label={say('photo')} accept="image/*" capture="environment" onFiles={onFiles} />
          </span>
        </>
      }
      note={`${say('formats')} ${say('privacy')}`}
    />
  );
  return <Welcome invitation={invitation} tryOne={say('tryOne')} onFile={(file) => onFiles([file])} />;
}
