/** How it sees: where an answer came from, and what changes it. */
import { Eye, GraduationCap, Presentation } from 'lucide-react';
import { ButtonLink } from '../../components/button-link.tsx';
import { Page } from '../../components/page.tsx';
import { useWords } from '../../i18n/i18n.ts';
import { choosePicture, useChosenPicture, useCollection } from '../../pictures/collection.ts';
import { DropHint } from '../../pictures/drop-hint.tsx';
import { Invitation } from '../../pictures/invitation.tsx';
import { PictureImage } from '../../pictures/picture-image.tsx';
import { PicturesButton } from '../../pictures/pictures-button.tsx';
import { LeftOut, useTaking } from '../../pictures/taking.tsx';
import { Welcome } from '../../pictures/welcome.tsx';
import { seeMessages } from './messages.ts';
import styles from './page.module.css';
import { Seeing } from './seeing.tsx';

export default function SeePage() {
  const say = useWords(seeMessages);
  const chosen = useChosenPicture();
  const { take, dragging } = useTaking();
  const actions = (
    <>
      <ButtonLink href="/tour" icon={GraduationCap}>
        {say('tour')}
      </ButtonLink>
      <ButtonLink href="/exhibition" icon={Presentation}>
        {say('exhibition')}
      </ButtonLink>
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
  const invitation = (
    <Invitation
      sign={Eye}
      title={<h2>{say('emptyTitle')}</h2>}
      intro={
        <>
          <span className="for-mouse">{say('emptyIntro')}</span>
          <span className="for-touch">{say('emptyIntroTouch')}</span>
        </>
      }
      ways={<PicturesButton look="primary" label={say('choose')} onFiles={onFiles} />}
    />
  );
  return <Welcome invitation={invitation} tryOne={say('tryOne')} onFile={(file) => onFiles([file])} />;
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
                <PictureImage picture={picture} small alt={picture.file.name} loading="lazy" decoding="async" />
              </button>
            </li>
          ))}
        </ul>
      )}
      <PicturesButton label={say('another')} onFiles={onFiles} />
      <LeftOut />
    </section>
  );
}
