/** The first page: give it a picture, get an answer. */
import { RotateCcw } from 'lucide-react';
import { Button } from '../../components/button.tsx';
import { Page } from '../../components/page.tsx';
import { useWords } from '../../i18n/i18n.ts';
import { clearPictures, useChosenPicture, useCollection } from '../../pictures/collection.ts';
import { DropHint } from '../../pictures/drop-hint.tsx';
import { PicturesButton } from '../../pictures/pictures-button.tsx';
import { LeftOut, useTaking } from '../../pictures/taking.tsx';
import { AnswerPanel } from './answer-panel.tsx';
import { Beginning } from './beginning.tsx';
import { ChosenPicture } from './chosen-picture.tsx';
import { classifyMessages } from './messages.ts';
import styles from './page.module.css';
import { Strip } from './strip.tsx';

export function ClassifyPage() {
  const say = useWords(classifyMessages);
  const { pictures } = useCollection();
  const chosen = useChosenPicture();
  const { take, dragging } = useTaking();

  return (
    <Page title={say('title')} headingHidden>
      {dragging && <DropHint>{say('drop')}</DropHint>}
      {chosen ? (
        <div className={styles.bench}>
          <ChosenPicture picture={chosen} />
          {pictures.length > 1 && <Strip pictures={pictures} chosen={chosen.id} />}
          <AnswerPanel picture={chosen} />
          <div className={styles.next}>
            <PicturesButton look="primary" label={say('more')} multiple onFiles={take} />
            <Button look="quiet" icon={RotateCcw} onClick={clearPictures}>
              {say('startOver')}
            </Button>
            <LeftOut />
          </div>
        </div>
      ) : (
        <Beginning onFiles={take} />
      )}
    </Page>
  );
}
