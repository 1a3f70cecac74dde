/** What the camera sees, and in it the square that the network looks at. */
import { type RefObject, useState } from 'react';
import { useWords } from '../i18n/i18n.ts';
import { LOOKED_AT } from './frame.ts';
import { cameraMessages } from './messages.ts';
import styles from './picture.module.css';

declare module 'react' {
  interface CSSProperties {
    /** Width by height of the video. */
    readonly '--ratio'?: number;
    /** The share of the short side that the network looks at. */
    readonly '--looked-at'?: number;
  }
}

interface PictureProps {
  readonly video: RefObject<HTMLVideoElement | null>;
  readonly mirrored: boolean;
  readonly frozen: boolean;
}

/** Mirrored only as it is shown: what is caught of a video is what the camera sees, so that text stays text. */
export function Picture({ video, mirrored, frozen }: PictureProps) {
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
