/** All pictures that were given, each with its short answer, to look at one of them: the arrow keys go from one to the next. */
import { useEffect, useId, useRef } from 'react';
import { ShortAnswer } from '../../components/answer.tsx';
import { answerMessages } from '../../components/answer-messages.ts';
import { problemMessages } from '../../components/problem-messages.ts';
import { useWords } from '../../i18n/i18n.ts';
import { choosePicture, type Picture } from '../../pictures/collection.ts';
import { PictureImage } from '../../pictures/picture-image.tsx';
import { classifyMessages } from './messages.ts';
import styles from './strip.module.css';
import { useClassification } from './use-classification.ts';

interface StripProps {
  readonly pictures: readonly Picture[];
  readonly chosen: string;
}

export function Strip({ pictures, chosen }: StripProps) {
  const say = useWords(classifyMessages);
  const name = useId();
  const strip = useRef<HTMLDivElement>(null);
  const position = pictures.findIndex(({ id }) => id === chosen);
  useEffect(() => {
    if (strip.current) strip.current.scrollLeft = leftFor(strip.current, position);
  }, [position]);
  return (
    <fieldset className={styles.group}>
      <legend className="visually-hidden">{say('pictures')}</legend>
      <div ref={strip} className={styles.strip}>
        {pictures.map((picture) => (
          <Tile key={picture.id} picture={picture} name={name} isChosen={picture.id === chosen} />
        ))}
      </div>
    </fieldset>
  );
}

/** Where it has to be scrolled to so that this tile is seen: where it is, or else with that one in the middle. */
function leftFor(strip: HTMLElement, position: number): number {
  const tile = strip.children[position];
  const { scrollLeft, clientWidth } = strip;
  if (!(tile instanceof HTMLElement)) return scrollLeft;
  const { offsetLeft, offsetWidth } = tile;
  const isSeen = offsetLeft >= scrollLeft && offsetLeft + offsetWidth <= scrollLeft + clientWidth;
  return isSeen ? scrollLeft : offsetLeft - (clientWidth - offsetWidth) / 2;
}

interface TileProps {
  readonly picture: Picture;
  /** Of all of them together. */
  readonly name: string;
  readonly isChosen: boolean;
}

function Tile({ picture, name, isChosen }: TileProps) {
  const sayAnswer = useWords(answerMessages);
  const sayProblem = useWords(problemMessages);
  const { data, error } = useClassification(picture);
  return (
    <label className={styles.tile}>
      <input type="radio" name={name} checked={isChosen} onChange={() => choosePicture(picture.id)} />
      <span className={styles.frame}>
        <PictureImage
          picture={picture}
          small
          alt={picture.file.name}
          className={styles.image}
          loading="lazy"
          decoding="async"
        />
      </span>
      <span className={styles.caption}>
        {data ? <ShortAnswer {...data} /> : error ? sayProblem('failed') : sayAnswer('looking')}
      </span>
    </label>
  );
}
