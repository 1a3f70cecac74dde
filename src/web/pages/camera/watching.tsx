/** The picture of the camera, what can be done with it, and beside it what it shows. */
import { CircleStop, Expand, FlipHorizontal, Pause, Play, ScanSearch, Shrink } from 'lucide-react';
import { useEffect, useRef, useState } from 'react';
import { useLocation } from 'wouter';
import { CameraChoice } from '../../camera/camera-choice.tsx';
import { takePicture } from '../../camera/frame.ts';
import { LiveAnswer } from '../../camera/live-answer.tsx';
import { cameraMessages } from '../../camera/messages.ts';
import { Picture } from '../../camera/picture.tsx';
import type { Camera } from '../../camera/use-camera.ts';
import { useFrameSide } from '../../camera/use-frame-side.ts';
import type { Watched } from '../../camera/use-recognition.ts';
import { useSpaceBar } from '../../camera/use-space-bar.ts';
import { Button, IconButton } from '../../components/button.tsx';
import { takeFocus } from '../../components/take-focus.ts';
import { useNotice } from '../../components/toast.tsx';
import { useVisible } from '../../components/use-visible.ts';
import { useWakeLock } from '../../components/use-wake-lock.ts';
import { useWords } from '../../i18n/i18n.ts';
import { addPictures } from '../../pictures/collection.ts';
import { usePreferences } from '../../preferences/preferences.ts';
import { useFullScreen } from './use-full-screen.ts';
import styles from './watching.module.css';

interface WatchingProps {
  readonly cameras: Camera['cameras'];
  /** Whether it takes the focus when it appears. */
  readonly focused: boolean;
  readonly onChoose: (id: string) => void;
  readonly onStop: () => void;
  readonly on: Extract<Camera['state'], { kind: 'on' }>;
}

export function Watching({ on, cameras, focused, onChoose, onStop }: WatchingProps) {
  const { stream, id, facesPerson } = on;
  const say = useWords(cameraMessages);
  const tell = useNotice();
  const [, go] = useLocation();
  const { language, threshold, key } = usePreferences();
  const part = useRef<HTMLDivElement>(null);
  const video = useRef<HTMLVideoElement>(null);
  const [frozen, setFrozen] = useState(false);
  const [mirrored, setMirrored] = useState(facesPerson);
  const [attempt, setAttempt] = useState(0);
  const visible = useVisible();
  const fullScreen = useFullScreen(part);
  const side = useFrameSide();
  useWakeLock(visible && !frozen);
  useSpaceBar(freezeOrGoOn);

  useEffect(() => {
    if (video.current) video.current.srcObject = stream;
  }, [stream]);
  useEffect(() => {
    // Phones pause what cannot be seen. It is refused only when it is paused at once.
    if (visible && !frozen) video.current?.play().catch(() => undefined);
  }, [visible, frozen]);

  function freezeOrGoOn() {
    // There is nothing to freeze yet.
    if (!video.current?.videoWidth) return;
    // Before it is asked about, so that what is answered is what is to be seen.
    if (!frozen) video.current.pause();
    setFrozen(!frozen);
  }

  async function keep() {
    if (!video.current || video.current.videoWidth === 0) return;
    const left = addPictures([await takePicture(video.current)]);
    if (fullScreen.on) await document.exitFullscreen();
    if (left > 0) tell(say('full'));
    else go('/');
  }

  return (
    <div ref={part} className={styles.watching}>
      <div className={styles.picture}>
        <Picture video={video} mirrored={mirrored} frozen={frozen} />
      </div>
      <fieldset className={styles.tools} aria-label={say('tools')}>
        <Button
          look="primary"
          icon={frozen ? Play : Pause}
          aria-keyshortcuts="Space"
          title={say('spaceBar')}
          ref={focused ? takeFocus : null}
          onClick={freezeOrGoOn}
        >
          {say(frozen ? 'goOn' : 'freeze')}
        </Button>
        <Button icon={ScanSearch} title={say('keepFor')} onClick={() => void keep()}>
          {say('keep')}
        </Button>
        <span className={styles.further}>
          <IconButton
            icon={FlipHorizontal}
            label={say('mirror')}
            aria-pressed={mirrored}
            onClick={() => setMirrored(!mirrored)}
          />
          {fullScreen.possible && (
            <IconButton
              icon={fullScreen.on ? Shrink : Expand}
              label={say(fullScreen.on ? 'smaller' : 'fullScreen')}
              onClick={fullScreen.toggle}
            />
          )}
          <IconButton icon={CircleStop} label={say('stop')} onClick={onStop} />
        </span>
        <CameraChoice cameras={cameras} chosen={id} onChoose={onChoose} />
      </fieldset>
      <LiveAnswer
        key={[language, threshold, key, attempt].join()}
        video={video}
        side={side}
        watching={watchingOf(visible, frozen)}
        onRetry={() => setAttempt(attempt + 1)}
      />
      <p className={styles.note}>{say('privacy')}</p>
    </div>
  );
}

function watchingOf(visible: boolean, frozen: boolean): Watched {
  if (!visible) return 'paused';
  return frozen ? 'still' : 'live';
}
