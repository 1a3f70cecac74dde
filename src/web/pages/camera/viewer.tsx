/** The picture of the camera, what can be done with it, and beside it what it shows. */
import { useQuery } from '@tanstack/react-query';
import {
  Camera as CameraIcon,
  CircleStop,
  Expand,
  FlipHorizontal,
  Pause,
  Play,
  ScanSearch,
  Shrink,
} from 'lucide-react';
import { type RefObject, useEffect, useEffectEvent, useRef, useState } from 'react';
import { useLocation } from 'wouter';
import { call } from '../../api/call.ts';
import type { Models } from '../../api/types.ts';
import { Button, IconButton } from '../../components/button.tsx';
import { useNotice } from '../../components/toast.tsx';
import { useWords } from '../../i18n/i18n.ts';
import { addPictures } from '../../pictures/collection.ts';
import { usePreferences } from '../../preferences/preferences.ts';
import { CameraChoice } from './camera-choice.tsx';
import { Failed } from './failed.tsx';
import { frameSide, LOOKED_AT, takePicture } from './frame.ts';
import { LiveAnswer } from './live-answer.tsx';
import { cameraMessages } from './messages.ts';
import { type Camera, isCameraAllowed, useCamera } from './use-camera.ts';
import { useFullScreen } from './use-full-screen.ts';
import { useVisible } from './use-visible.ts';
import { useWakeLock } from './use-wake-lock.ts';
import styles from './viewer.module.css';

declare module 'react' {
  interface CSSProperties {
    /** Width by height of the video. */
    readonly '--ratio'?: number;
    /** The share of the short side that the network looks at. */
    readonly '--looked-at'?: number;
  }
}

export function Viewer() {
  const say = useWords(cameraMessages);
  const camera = useCamera();
  const { state } = camera;
  const startIfAllowed = useEffectEvent(async () => {
    if (await isCameraAllowed()) await camera.start();
  });
  useEffect(() => void startIfAllowed(), []);

  if (state.kind === 'failed')
    return <Failed problem={state.problem} cameras={camera.cameras} onStart={(id) => void camera.start(id)} />;
  if (state.kind === 'on') return <Watching key={state.id} camera={camera} on={state} />;
  return (
    <div className={styles.empty}>
      <CameraIcon aria-hidden="true" />
      <p className={styles.privacy}>{say('privacy')}</p>
      <Button look="primary" icon={Play} disabled={state.kind === 'starting'} onClick={() => void camera.start()}>
        {say(state.kind === 'starting' ? 'starting' : 'start')}
      </Button>
    </div>
  );
}

interface WatchingProps {
  readonly camera: Camera;
  readonly on: Extract<Camera['state'], { kind: 'on' }>;
}

function Watching({ camera, on: { stream, id, facesPerson } }: WatchingProps) {
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
  useSpaceBar(() => setFrozen(!frozen));

  useEffect(() => {
    const element = video.current;
    if (!element) return;
    if (element.srcObject !== stream) element.srcObject = stream;
    if (frozen) element.pause();
    // Only refused when it is paused at once.
    else element.play().catch(() => undefined);
  }, [stream, frozen]);

  async function keep() {
    if (!video.current) return;
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
      <div className={styles.tools} role="toolbar" aria-label={say('tools')}>
        <Button
          look="primary"
          icon={frozen ? Play : Pause}
          aria-keyshortcuts="Space"
          onClick={() => setFrozen(!frozen)}
        >
          {say(frozen ? 'goOn' : 'freeze')}
        </Button>
        <Button icon={ScanSearch} onClick={() => void keep()}>
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
          <IconButton icon={CircleStop} label={say('stop')} onClick={camera.stop} />
        </span>
        <CameraChoice cameras={camera.cameras} chosen={id} onChoose={(next) => void camera.start(next)} />
      </div>
      <LiveAnswer
        key={[language, threshold, key, attempt].join()}
        video={video}
        side={side}
        watching={visible ? (frozen ? 'still' : 'live') : 'paused'}
        onRetry={() => setAttempt(attempt + 1)}
      />
      <p className={styles.note}>{say('privacy')}</p>
    </div>
  );
}

interface PictureProps {
  readonly video: RefObject<HTMLVideoElement | null>;
  readonly mirrored: boolean;
  readonly frozen: boolean;
}

/** Mirrored only as it is shown: what is caught of a video is what the camera sees, so that text stays text. */
function Picture({ video, mirrored, frozen }: PictureProps) {
  const say = useWords(cameraMessages);
  const [ratio, setRatio] = useState(16 / 9);
  return (
    <figure className={styles.frame} style={{ '--ratio': ratio, '--looked-at': LOOKED_AT }}>
      <video
        ref={video}
        className={styles.video}
        data-mirrored={mirrored || undefined}
        muted
        playsInline
        disablePictureInPicture
        aria-label={say('video')}
        onResize={({ currentTarget: { videoWidth, videoHeight } }) => {
          if (videoHeight > 0) setRatio(videoWidth / videoHeight);
        }}
      />
      <span className={styles.aim} aria-hidden="true" />
      {frozen && <figcaption className={styles.frozen}>{say('frozen')}</figcaption>}
    </figure>
  );
}

/** Freezes and goes on, wherever the focus is, unless it is on something that the space bar belongs to. */
function useSpaceBar(onSpace: () => void): void {
  const press = useEffectEvent(onSpace);
  useEffect(() => {
    const look = (event: KeyboardEvent) => {
      const own =
        event.target instanceof Element &&
        event.target.closest('button, a, input, select, textarea, dialog, [role=dialog]');
      if (event.code !== 'Space' || event.repeat || own || event.ctrlKey || event.metaKey || event.altKey) return;
      // It would scroll the page.
      event.preventDefault();
      press();
    };
    document.addEventListener('keydown', look);
    return () => document.removeEventListener('keydown', look);
  }, []);
}

const USUAL_INPUT = { width: 224, height: 224 };

/** As large as the active model wants it. */
function useFrameSide(): number {
  const { data } = useQuery({
    queryKey: ['models'],
    queryFn: ({ signal }) => call<Models>('api/v1/models', { signal }),
  });
  return frameSide(data?.models.find(({ active }) => active)?.input ?? USUAL_INPUT);
}
