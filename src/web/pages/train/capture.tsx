/** Takes pictures of a class with the camera, as long as a button is held. */
import { Camera as CameraIcon, FlipHorizontal, X } from 'lucide-react';
import { useEffect, useRef, useState } from 'react';
import { CameraChoice } from '../../camera/camera-choice.tsx';
import { createFrameCatcher } from '../../camera/frame.ts';
import type { Camera } from '../../camera/use-camera.ts';
import { Button, IconButton } from '../../components/button.tsx';
import { useWords } from '../../i18n/i18n.ts';
import styles from './capture.module.css';
import { datasetMessages } from './dataset-messages.ts';
import { type CameraOn, OwnCamera } from './own-camera.tsx';
import { useHold } from './use-hold.ts';

/** For a `ref`: all of it is to be seen. */
const comeIntoView = (element: HTMLElement | null): void => element?.scrollIntoView({ block: 'nearest' });

/** Five a second: quicker, and pictures of one class are hardly different. */
const PACE_MS = 200;
/** Pixels of a picture's side: twice what networks look at, as it is cut and turned when it is learned from. */
const SIDE = 480;

interface CaptureProps {
  readonly label: string;
  readonly onPicture: (file: File) => void;
  readonly onClose: () => void;
}

export const Capture = (props: CaptureProps) => (
  <OwnCamera onClose={props.onClose}>
    {(on, { cameras, start }) => <Capturing key={on.id} on={on} cameras={cameras} onChoose={start} {...props} />}
  </OwnCamera>
);

interface CapturingProps extends CaptureProps {
  readonly on: CameraOn;
  readonly cameras: Camera['cameras'];
  readonly onChoose: (id: string) => unknown;
}

function Capturing({ on, cameras, label, onPicture, onChoose, onClose }: CapturingProps) {
  const say = useWords(datasetMessages);
  const video = useRef<HTMLVideoElement>(null);
  const [catchFrame] = useState(createFrameCatcher);
  const [mirrored, setMirrored] = useState(on.facesPerson);
  const [taken, setTaken] = useState(0);
  useEffect(() => {
    if (!video.current) return;
    video.current.srcObject = on.stream;
    // Refused only when it is paused at once.
    video.current.play().catch(() => undefined);
  }, [on.stream]);
  const { isHeld, button } = useHold(async () => {
    if (!video.current?.videoWidth) return;
    const frame = await catchFrame(video.current, SIDE);
    onPicture(new File([frame], `camera-${Date.now()}.jpg`, { type: frame.type }));
    setTaken((count) => count + 1);
  }, PACE_MS);
  const holding = button.ref;
  useEffect(() => {
    // The space bar would close the camera again if the focus stayed where it was.
    holding.current?.focus({ preventScroll: true });
  }, [holding]);
  return (
    <div ref={comeIntoView} className={styles.capture}>
      <div className={styles.frame} data-held={isHeld || undefined}>
        <video
          ref={video}
          muted
          playsInline
          disablePictureInPicture
          data-mirrored={mirrored || undefined}
          aria-label={say('video', { label })}
        />
        {taken > 0 && (
          <p className={styles.count} aria-hidden="true">
            {taken}
          </p>
        )}
      </div>
      <div className={styles.tools}>
        <Button look="primary" icon={CameraIcon} className={styles.hold ?? ''} aria-keyshortcuts="Space" {...button}>
          {say(isHeld ? 'holding' : 'hold')}
        </Button>
        <IconButton
          icon={FlipHorizontal}
          label={say('mirror')}
          aria-pressed={mirrored}
          onClick={() => setMirrored(!mirrored)}
        />
        <IconButton icon={X} label={say('cameraOff')} onClick={onClose} />
      </div>
      <CameraChoice cameras={cameras} chosen={on.id} onChoose={(id) => void onChoose(id)} />
      <p className={styles.note}>{say('holdNote')}</p>
      {/* Said once it is let go: nobody listens to a number five times a second. */}
      <p className="visually-hidden" role="status">
        {!isHeld && taken > 0 && say('taken', { count: taken })}
      </p>
    </div>
  );
}
