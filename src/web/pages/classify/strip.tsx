/** All pictures that were given, each with its short answer, to look at one of them. */
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
  return (
    <ul className={styles.strip} aria-label={say('pictures')}>
      {pictures.map((picture) => (
        <li key={picture.id}>
          <Tile picture={picture} isChosen={picture.id === chosen} />
        </li>
      ))}
    </ul>
  );
}

function Tile({ picture, isChosen }: { readonly picture: Picture; readonly isChosen: boolean }) {
  const sayAnswer = useWords(answerMessages);
  const sayProblem = useWords(problemMessages);
  const { data, error } = useClassification(picture);
  return (
    <button
      type="button"
      className={styles.tile}
      aria-current={isChosen || undefined}
      onClick={() => choosePicture(picture.id)}
    >
      <span className={styles.frame}>
        <PictureImage picture={picture} alt={picture.file.name} className={styles.image} />
      </span>
      <span className={styles.caption}>
        {data ? <ShortAnswer {...data} /> : error ? sayProblem('failed') : sayAnswer('looking')}
      </span>
    </button>
  );
}
