/** How it sees: where an answer came from, and what changes it. */

import { Eye, GraduationCap, ImagePlus, Presentation } from 'lucide-react';
import { Link } from 'wouter';
import { buttonClass, FileButton } from '../../components/button.tsx';
import { Page } from '../../components/page.tsx';
import { useNotice } from '../../components/toast.tsx';
import { useWords } from '../../i18n/i18n.ts';
import { useArrivals } from '../../pictures/arrivals.ts';
import {
  addPictures,
  choosePicture,
  MOST_PICTURES,
  useChosenPicture,
  useCollection,
} from '../../pictures/collection.ts';
import { DropHint } from '../../pictures/drop-hint.tsx';
import { ExampleChoice } from '../../pictures/example-choice.tsx';
import { PICTURE_FILES } from '../../pictures/formats.ts';
import { PictureImage } from '../../pictures/picture-image.tsx';
import { seeMessages } from './messages.ts';
import styles from './page.module.css';
import { Seeing } from './seeing.tsx';

export default function SeePage() {
  const say = useWords(seeMessages);
  const notice = useNotice();
  const chosen = useChosenPicture();
  const take = (files: readonly File[]) => {
    const leftOut = addPictures(files);
    if (leftOut > 0) notice(say('leftOut', { count: leftOut, most: MOST_PICTURES }));
  };
  const dragging = useArrivals({ onFiles: take, onNothing: () => notice(say('nothingPasted')) });
  const actions = (
    <>
      <Link href="/tour" className={buttonClass()}>
        <GraduationCap aria-hidden="true" className={styles.icon} />
        {say('tour')}
      </Link>
      <Link href="/exhibition" className={buttonClass()}>
        <Presentation aria-hidden="true" className={styles.icon} />
        {say('exhibition')}
      </Link>
    </>
  );
  return (
    <Page title={say('title')} intro={say('intro')} actions={actions}>
      {dragging && <DropHint>{say('drop')}</DropHint>}
      {chosen ? (
        <>
          <Seeing key={chosen.id} picture={chosen} />
          <Pictures onFiles={take} />
        </>
      ) : (
        <Empty onFiles={take} />
      )}
    </Page>
  );
}

interface Taking {
  readonly onFiles: (files: readonly File[]) => void;
}

function Empty({ onFiles }: Taking) {
  const say = useWords(seeMessages);
  return (
    <div className={styles.welcome}>
      <section className={styles.empty}>
        <Eye aria-hidden="true" className={styles.sign} />
        <h2>{say('emptyTitle')}</h2>
        <p>{say('emptyIntro')}</p>
        <FileButton look="primary" icon={ImagePlus} label={say('choose')} accept={PICTURE_FILES} onFiles={onFiles} />
      </section>
      <section className={styles.examples}>
        <h2>{say('tryOne')}</h2>
        <ExampleChoice onFile={(file) => onFiles([file])} />
      </section>
    </div>
  );
}

function Pictures({ onFiles }: Taking) {
  const say = useWords(seeMessages);
  const { pictures, chosen } = useCollection();
  return (
    <section className={styles.others} aria-label={say('pictures')}>
      {pictures.length > 1 && (
        <ul className={styles.strip}>
          {pictures.map((picture) => (
            <li key={picture.id}>
              <button
                type="button"
                className={styles.thumbnail}
                aria-current={picture.id === chosen || undefined}
                onClick={() => choosePicture(picture.id)}
              >
                <PictureImage picture={picture} alt={picture.file.name} />
              </button>
            </li>
          ))}
        </ul>
      )}
      <FileButton icon={ImagePlus} label={say('another')} accept={PICTURE_FILES} onFiles={onFiles} />
    </section>
  );
}
