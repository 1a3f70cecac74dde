/** The new model at once: it answers a picture that is dropped, or what the camera sees. */
import { useQuery } from '@tanstack/react-query';
import { Camera as CameraIcon, X } from 'lucide-react';
import { useEffect, useId, useRef, useState } from 'react';
import { classify } from '../../api/classify.ts';
import { LiveAnswer } from '../../camera/live-answer.tsx';
import { Picture as CameraPicture } from '../../camera/picture.tsx';
import { useFrameSide } from '../../camera/use-frame-side.ts';
import { AnswerSentence } from '../../components/answer.tsx';
import { answerMessages } from '../../components/answer-messages.ts';
import { Button } from '../../components/button.tsx';
import { Predictions } from '../../components/predictions.tsx';
import { Problem } from '../../components/problem.tsx';
import { useNotice } from '../../components/toast.tsx';
import { useVisible } from '../../components/use-visible.ts';
import { useWords } from '../../i18n/i18n.ts';
import { useArrivals } from '../../pictures/arrivals.ts';
import type { Picture } from '../../pictures/collection.ts';
import { DropHint } from '../../pictures/drop-hint.tsx';
import { useLoosePicture } from '../../pictures/loose-picture.ts';
import { PictureImage } from '../../pictures/picture-image.tsx';
import { PicturesButton } from '../../pictures/pictures-button.tsx';
import { usePreferences } from '../../preferences/preferences.ts';
import { type CameraOn, OwnCamera } from './own-camera.tsx';
import { runMessages } from './run-messages.ts';
import shared from './train.module.css';
import styles from './try-it.module.css';

/** `model` is NAME@VERSION. */
export function TryIt({ model }: { readonly model: string }) {
  const say = useWords(runMessages);
  const notice = useNotice();
  const title = useId();
  const [picture, show] = useLoosePicture();
  const [isLive, setLive] = useState(false);
  const take = ([file]: readonly File[]) => {
    setLive(false);
    show(file);
  };
  const isDragging = useArrivals({ onFiles: take, onNothing: () => notice(say('nothingPasted')) });
  return (
    <section className={shared.card} aria-labelledby={title}>
      {isDragging && <DropHint>{say('drop')}</DropHint>}
      <h2 id={title}>{say('tryTitle')}</h2>
      <p className={shared.quiet}>{say('tryAbout')}</p>
      <div className={`${shared.actions} ${styles.ways}`}>
        <PicturesButton label={say('choose')} onFiles={take} />
        <Button
          icon={isLive ? X : CameraIcon}
          onClick={() => {
            show(undefined);
            setLive(!isLive);
          }}
        >
          {say(isLive ? 'cameraOff' : 'camera')}
        </Button>
      </div>
      {isLive && (
        <OwnCamera onClose={() => setLive(false)}>{(on) => <Watching key={on.id} model={model} on={on} />}</OwnCamera>
      )}
      {picture && <Tried key={picture.id} model={model} picture={picture} />}
    </section>
  );
}

interface TriedProps {
  readonly model: string;
  readonly picture: Picture;
}

function Tried({ model, picture }: TriedProps) {
  const say = useWords(runMessages);
  const sayAnswer = useWords(answerMessages);
  const { language, top, threshold, key } = usePreferences();
  const { data, error, refetch } = useQuery({
    queryKey: ['tried', model, picture.id, language, top, threshold, key],
    queryFn: ({ signal }) => classify(picture.file, { model, signal }),
    placeholderData: (known) => known,
  });
  return (
    <div className={styles.tried}>
      <PictureImage picture={picture} alt={say('tried')} />
      <div className={styles.answer}>
        <div role="status">
          {data && <AnswerSentence {...data} />}
          {!data && !error && <p>{sayAnswer('looking')}</p>}
        </div>
        {data && <Predictions predictions={data.predictions} />}
        {error && !data && <Problem error={error} onRetry={() => void refetch()} />}
      </div>
    </div>
  );
}

interface WatchingProps {
  readonly model: string;
  readonly on: CameraOn;
}

function Watching({ model, on }: WatchingProps) {
  const { language, threshold, key } = usePreferences();
  const video = useRef<HTMLVideoElement>(null);
  const [attempt, setAttempt] = useState(0);
  const visible = useVisible();
  const side = useFrameSide(model);
  useEffect(() => {
    if (video.current) video.current.srcObject = on.stream;
  }, [on.stream]);
  useEffect(() => {
    if (visible) video.current?.play().catch(() => undefined);
  }, [visible]);
  return (
    <div className={styles.live}>
      <CameraPicture video={video} mirrored={on.facesPerson} frozen={false} />
      <LiveAnswer
        key={[language, threshold, key, attempt].join()}
        video={video}
        side={side}
        model={model}
        watching={visible ? 'live' : 'paused'}
        onRetry={() => setAttempt(attempt + 1)}
      />
    </div>
  );
}
