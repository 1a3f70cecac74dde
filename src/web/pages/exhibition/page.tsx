/** Exhibition mode: a picture, a huge answer, and where it came from; nothing else, and it starts over by itself. */
import { Camera, RotateCcw } from 'lucide-react';
import { useEffect, useState } from 'react';
import { Button } from '../../components/button.tsx';
import { useWords } from '../../i18n/i18n.ts';
import { useArrivals } from '../../pictures/arrivals.ts';
import { ExampleChoice } from '../../pictures/example-choice.tsx';
import { useLoosePicture } from '../../pictures/loose-picture.ts';
import { CameraBooth, canUseCamera } from './camera-booth.tsx';
import { exhibitionMessages } from './messages.ts';
import styles from './page.module.css';
import { Showing } from './showing.tsx';
import { useIdle } from './use-idle.ts';
import { WayOut } from './way-out.tsx';

export default function ExhibitionPage() {
  const say = useWords(exhibitionMessages);
  const [picture, show] = useLoosePicture();
  const [inBooth, setInBooth] = useState(false);
  const take = (file: File | undefined) => {
    setInBooth(false);
    show(file);
  };
  const startOver = () => take(undefined);
  const dragging = useArrivals({ onFiles: ([file]) => take(file) });
  const left = useIdle(picture !== undefined || inBooth, startOver);
  const title = say('title');
  useEffect(() => {
    document.title = `${title} · Kaiyan 开眼`;
  }, [title]);

  return (
    <div className={styles.exhibition} data-dragging={dragging}>
      <h1 className={picture || inBooth ? 'visually-hidden' : styles.title}>{title}</h1>
      {inBooth ? (
        <CameraBooth onPhoto={take} onBack={startOver} />
      ) : picture ? (
        <>
          <Showing key={picture.id} picture={picture} />
          <nav className={styles.next} aria-label={say('again')}>
            <ExampleChoice onFile={take} />
            <CameraButton onClick={() => setInBooth(true)} />
            <Button icon={RotateCcw} onClick={startOver}>
              {say('again')}
            </Button>
          </nav>
        </>
      ) : (
        <div className={styles.invitation}>
          <p>{say('invitation')}</p>
          <ExampleChoice onFile={take} />
          <CameraButton onClick={() => setInBooth(true)} />
        </div>
      )}
      <div role="status">
        {left !== null && (
          <p className={styles.soon}>
            {say('soon')} <span aria-hidden="true">{say('secondsLeft', { seconds: left })}</span>
          </p>
        )}
      </div>
      {dragging && <p className={styles.drop}>{say('drop')}</p>}
      <WayOut hasRoom={!picture && !inBooth} />
    </div>
  );
}

function CameraButton({ onClick }: { readonly onClick: () => void }) {
  const say = useWords(exhibitionMessages);
  if (!canUseCamera()) return null;
  return (
    <Button look="primary" icon={Camera} onClick={onClick}>
      {say('camera')}
    </Button>
  );
}
