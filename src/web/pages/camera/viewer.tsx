/** The camera as it is: off, on, or refused. */
import { Camera as CameraIcon, Play } from 'lucide-react';
import { useEffect, useEffectEvent, useState } from 'react';
import { Failed } from '../../camera/failed.tsx';
import { cameraMessages } from '../../camera/messages.ts';
import { isCameraAllowed, useCamera } from '../../camera/use-camera.ts';
import { Button } from '../../components/button.tsx';
import { takeFocus } from '../../components/take-focus.ts';
import { useWords } from '../../i18n/i18n.ts';
import styles from './viewer.module.css';
import { Watching } from './watching.tsx';

export function Viewer() {
  const say = useWords(cameraMessages);
  const camera = useCamera();
  const { state } = camera;
  /** What people pressed is gone with what it was on: the focus goes on to what took its place. */
  const [pressed, setPressed] = useState(false);
  const startIfAllowed = useEffectEvent(async (signal: AbortSignal) => {
    const isAllowed = await isCameraAllowed();
    // Who has left by now wants no camera.
    if (isAllowed && !signal.aborted) await camera.start();
  });
  useEffect(() => {
    const ending = new AbortController();
    void startIfAllowed(ending.signal);
    return () => ending.abort();
  }, []);

  const start = (id?: string) => {
    setPressed(true);
    void camera.start(id);
  };
  const stop = () => {
    setPressed(true);
    camera.stop();
  };
  if (state.kind === 'failed')
    return <Failed problem={state.problem} cameras={camera.cameras} focused={pressed} onStart={start} />;
  if (state.kind === 'on')
    return (
      <Watching key={state.id} on={state} cameras={camera.cameras} focused={pressed} onChoose={start} onStop={stop} />
    );
  return (
    <div className={styles.empty}>
      <CameraIcon aria-hidden="true" />
      <p className={styles.privacy}>{say('privacy')}</p>
      <Button
        look="primary"
        icon={Play}
        ref={pressed ? takeFocus : null}
        aria-disabled={state.kind === 'starting'}
        onClick={() => state.kind === 'off' && start()}
      >
        {say(state.kind === 'starting' ? 'starting' : 'start')}
      </Button>
    </div>
  );
}
