/** Which camera, where there are several. */
import { useId } from 'react';
import { useWords } from '../i18n/i18n.ts';
import styles from './camera-choice.module.css';
import { cameraMessages } from './messages.ts';
import type { Camera } from './use-camera.ts';

interface CameraChoiceProps {
  readonly cameras: Camera['cameras'];
  readonly chosen: string;
  readonly onChoose: (id: string) => void;
}

export function CameraChoice({ cameras, chosen, onChoose }: CameraChoiceProps) {
  const say = useWords(cameraMessages);
  const id = useId();
  if (cameras.length < 2) return null;
  return (
    <div className={styles.choice}>
      <label htmlFor={id} className="visually-hidden">
        {say('camera')}
      </label>
      <select id={id} value={chosen} onChange={({ currentTarget }) => onChoose(currentTarget.value)}>
        {cameras.map((camera) => (
          <option key={camera.id} value={camera.id}>
            {camera.label}
          </option>
        ))}
      </select>
    </div>
  );
}
