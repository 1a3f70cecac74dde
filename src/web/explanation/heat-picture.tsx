/** A picture with the heat of one class over it; what the network was not given is darker. */
import { type CSSProperties, useEffect, useRef, useState } from 'react';
import type { Explanation } from '../api/types.ts';
import type { Picture } from '../pictures/collection.ts';
import { PictureImage } from '../pictures/picture-image.tsx';
import { type Grid, heatPixels } from './heat.ts';
import styles from './heat-picture.module.css';

interface HeatPictureProps {
  readonly picture: Picture;
  readonly alt: string;
  readonly explanation: Explanation | undefined;
  /** Of the heat, 0..1. */
  readonly opacity: number;
}

export function HeatPicture({ picture, alt, explanation, opacity }: HeatPictureProps) {
  const [ratio, setRatio] = useState<number>();
  const known = explanation ? explanation.picture.width / explanation.picture.height : ratio;
  return (
    <div className={styles.stage} style={{ '--ratio': known ?? 1.5 } as CSSProperties} data-known={known !== undefined}>
      <PictureImage
        key={picture.id}
        picture={picture}
        alt={alt}
        className={styles.picture}
        onLoad={({ currentTarget }) => setRatio(currentTarget.naturalWidth / currentTarget.naturalHeight)}
      />
      {explanation && (
        <div className={styles.crop} style={placeOf(explanation)} data-testid="crop">
          <Heat grid={explanation.grid} opacity={opacity} />
        </div>
      )}
    </div>
  );
}

/** The crop in shares of the picture. */
function placeOf({ crop, picture }: Explanation): CSSProperties {
  const share = (pixels: number, of: number) => `${(pixels / of) * 100}%`;
  return {
    left: share(crop.x, picture.width),
    top: share(crop.y, picture.height),
    width: share(crop.width, picture.width),
    height: share(crop.height, picture.height),
  };
}

/** The browser makes it smooth from here on. */
const SIDE = 112;

export function Heat({ grid, opacity }: { readonly grid: Grid; readonly opacity: number }) {
  const canvas = useRef<HTMLCanvasElement>(null);
  useEffect(() => {
    canvas.current?.getContext('2d')?.putImageData(new ImageData(heatPixels(grid, SIDE), SIDE, SIDE), 0, 0);
  }, [grid]);
  return <canvas ref={canvas} width={SIDE} height={SIDE} className={styles.heat} style={{ opacity }} />;
}
