/** The picture that is looked at, with its name. */
import { X } from 'lucide-react';
import { IconButton } from '../../components/button.tsx';
import { bytes } from '../../components/format.ts';
import { useWords } from '../../i18n/i18n.ts';
import { type Picture, removePicture } from '../../pictures/collection.ts';
import { PictureImage } from '../../pictures/picture-image.tsx';
import styles from './chosen-picture.module.css';
import { classifyMessages } from './messages.ts';

export function ChosenPicture({ picture }: { readonly picture: Picture }) {
  const say = useWords(classifyMessages);
  const { id, file } = picture;
  return (
    <figure className={styles.picture}>
      <div className={styles.frame}>
        <PictureImage
          key={id}
          picture={picture}
          alt={say('yourPicture', { name: file.name })}
          className={styles.image}
        />
      </div>
      <figcaption>
        <span className={styles.name}>{file.name}</span> <span>{bytes(file.size)}</span>
        <IconButton icon={X} label={say('remove')} onClick={() => removePicture(id)} className={styles.remove} />
      </figcaption>
    </figure>
  );
}
