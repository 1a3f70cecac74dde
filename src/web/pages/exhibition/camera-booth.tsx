/** The camera of the stand: people see themselves, and take one picture. */
import { ArrowLeft, Camera } from 'lucide-react';
import { useEffect, useRef, useState } from 'react';
import { Button } from '../../components/button.tsx';
import { useWords } from '../../i18n/i18n.ts';
import styles from './camera-booth.module.css';
import { exhibitionMessages } from './messages.ts';

interface CameraBoothProps {
  readonly onPhoto: (photo: File) => void;
  readonly onBack: () => void;
}

/** Pages without a secure address are not even told whether there is one. */
export const canUseCamera = (): boolean => navigator.mediaDevices?.getUserMedia !== undefined;

export function CameraBooth({ onPhoto, onBack }: CameraBoothProps) {
  const say = useWords(exhibitionMessages);
  const video = useRef<HTMLVideoElement>(null);
  const [state, setState] = useState<'starting' | 'on' | 'failed'>('starting');
  useEffect(() => {
    let wanted = true;
    let stream: MediaStream | undefined;
    const stop = () => {
      for (const track of stream?.getTracks() ?? []) track.stop();
    };
    navigator.mediaDevices
      .getUserMedia({ video: { facingMode: 'user', width: { ideal: 1280 } }, audio: false })
      .then(async (given) => {
        stream = given;
        if (!wanted || !video.current) return stop();
        for (const track of given.getTracks()) track.addEventListener('ended', () => wanted && setState('failed'));
        video.current.srcObject = given;
        await video.current.play();
        if (wanted) setState('on');
      })
      .catch(() => wanted && setState('failed'));
    return () => {
      wanted = false;
      stop();
    };
  }, []);
  const shoot = () => {
    if (video.current) void photoOf(video.current).then(onPhoto);
  };
  return (
    <div className={styles.booth}>
      <video ref={video} className={styles.mirror} playsInline muted aria-hidden={state !== 'on'} />
      {state === 'failed' && (
        <p className={styles.failed} role="alert">
          {say('noCamera')}
        </p>
      )}
      <div className={styles.actions}>
        <Button icon={ArrowLeft} onClick={onBack}>
          {say('back')}
        </Button>
        <Button look="primary" icon={Camera} disabled={state !== 'on'} onClick={shoot}>
          {say('shoot')}
        </Button>
      </div>
    </div>
  );
}

async function photoOf(video: HTMLVideoElement): Promise<File> {
  const canvas = document.createElement('canvas');
  canvas.width = video.videoWidth;
  canvas.height = video.videoHeight;
  // As people have seen themselves.
  const context = canvas.getContext('2d');
  context?.setTransform(-1, 0, 0, 1, canvas.width, 0);
  context?.drawImage(video, 0, 0);
  const photo = await new Promise<Blob | null>((resolve) => canvas.toBlob(resolve, 'image/jpeg', 0.92));
  return new File(photo ? [photo] : [], 'photo.jpg', { type: 'image/jpeg' });
}
