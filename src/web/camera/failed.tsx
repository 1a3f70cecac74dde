/** Why there is no camera, and what to do about it. */
import { CameraOff, RotateCw } from 'lucide-react';
import type { ReactNode } from 'react';
import { Button } from '../components/button.tsx';
import { ButtonLink } from '../components/button-link.tsx';
import { takeFocus } from '../components/take-focus.ts';
import { useWords } from '../i18n/i18n.ts';
import { CameraChoice } from './camera-choice.tsx';
import type { CameraProblem } from './camera-errors.ts';
import { cameraMessages } from './messages.ts';
import styles from './notice.module.css';
import type { Camera } from './use-camera.ts';

interface FailedProps {
  readonly problem: CameraProblem;
  readonly cameras: Camera['cameras'];
  /** Whether it takes the focus when it appears. */
  readonly focused: boolean;
  /** What people can do without a camera; a photo on the first page, if not given. */
  readonly instead?: ReactNode;
  readonly onStart: (id?: string) => void;
}

export function Failed({ problem, cameras, focused, instead, onStart }: FailedProps) {
  const say = useWords(cameraMessages);
  return (
    <div className={styles.notice} role="alert">
      <CameraOff aria-hidden="true" />
      <h2>{say(problem)}</h2>
      <p>{say(`${problem}Advice`)}</p>
      <div className={styles.ways}>
        {problem !== 'unsupported' && (
          <Button look="primary" icon={RotateCw} ref={focused ? takeFocus : null} onClick={() => onStart()}>
            {say('again')}
          </Button>
        )}
        <CameraChoice cameras={cameras} chosen="" onChoose={onStart} />
        {instead ?? <ButtonLink href="/">{say('instead')}</ButtonLink>}
      </div>
    </div>
  );
}
