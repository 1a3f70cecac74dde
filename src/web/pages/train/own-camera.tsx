/** A camera that starts at once, since somebody has just asked for it; what it is for is shown once it is on. */
import { X } from 'lucide-react';
import { type ReactNode, useEffect, useEffectEvent } from 'react';
import { Failed } from '../../camera/failed.tsx';
import { NotSecure } from '../../camera/not-secure.tsx';
import { type Camera, useCamera } from '../../camera/use-camera.ts';
import { Button } from '../../components/button.tsx';
import { useWords } from '../../i18n/i18n.ts';
import styles from './own-camera.module.css';
import { runMessages } from './run-messages.ts';

export type CameraOn = Extract<Camera['state'], { kind: 'on' }>;

interface OwnCameraProps {
  readonly onClose: () => void;
  readonly children: (on: CameraOn, camera: Camera) => ReactNode;
}

export function OwnCamera({ onClose, children }: OwnCameraProps) {
  const say = useWords(runMessages);
  const camera = useCamera();
  const { state } = camera;
  const start = useEffectEvent(() => window.isSecureContext && void camera.start());
  useEffect(() => {
    start();
  }, []);
  if (!window.isSecureContext) return <NotSecure />;
  if (state.kind === 'failed')
    return (
      <Failed
        problem={state.problem}
        cameras={camera.cameras}
        focused={false}
        instead={
          <Button icon={X} onClick={onClose}>
            {say('cameraOff')}
          </Button>
        }
        onStart={(id) => void camera.start(id)}
      />
    );
  if (state.kind === 'on') return children(state, camera);
  return (
    <p className={styles.starting} role="status">
      {say('cameraStarting')}
    </p>
  );
}
