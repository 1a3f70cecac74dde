/** Before there is a picture: what to do, and something to try. */
import { Camera, ImagePlus, ScanSearch } from 'lucide-react';
import { FileButton } from '../../components/button.tsx';
import { useWords } from '../../i18n/i18n.ts';
import { ExampleChoice } from '../../pictures/example-choice.tsx';
import { PICTURE_FILES } from '../../pictures/formats.ts';
import { classifyMessages } from './messages.ts';
import styles from './welcome.module.css';

export function Welcome({ onFiles }: { readonly onFiles: (files: readonly File[]) => void }) {
  const say = useWords(classifyMessages);
  return (
    <div className={styles.welcome}>
      <div className={styles.invitation}>
        <ScanSearch aria-hidden="true" className={styles.sign} />
        {/* The heading of the page says it to those who cannot see this. */}
        <p className={styles.question} aria-hidden="true">
          {say('title')}
        </p>
        <p className={styles.intro}>{say('intro')}</p>
        <div className={styles.ways}>
          <FileButton
            look="primary"
            icon={ImagePlus}
            label={say('choose')}
            accept={PICTURE_FILES}
            multiple
            onFiles={onFiles}
          />
          <span className={styles.photo}>
            <FileButton icon={Camera} label={say('photo')} accept="image/*" capture="environment" onFiles={onFiles} />
          </span>
        </div>
        <p className={styles.small}>
          {say('formats')} {say('privacy')}
        </p>
      </div>
      <section className={styles.examples}>
        <h2>{say('tryOne')}</h2>
        <ExampleChoice onFile={(file) => onFiles([file])} />
      </section>
    </div>
  );
}
