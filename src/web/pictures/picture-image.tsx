/** A picture as an image, at once where the browser can show it, else as the service draws it (HEIC, TIFF). */
import { queryOptions, useQuery } from '@tanstack/react-query';
import { ImageOff } from 'lucide-react';
import { type ComponentProps, useEffect, useState } from 'react';
import { callForBlob, pictureHeaders } from '../api/call.ts';
import { messages, useWords } from '../i18n/i18n.ts';
import type { Picture } from './collection.ts';
import styles from './picture-image.module.css';

const imageMessages = messages(
  'image',
  { cannotShow: 'This picture cannot be shown.', drawing: 'Drawing…' },
  { cannotShow: '这张图片无法显示。', drawing: '正在绘制…' },
);

const LONGEST_SIDE = 1024;

interface PictureImageProps extends Omit<ComponentProps<'img'>, 'src'> {
  readonly picture: Picture;
}

/** Give it a `key` of the picture's id. */
export function PictureImage({ picture, alt, ...image }: PictureImageProps) {
  const say = useWords(imageMessages);
  const [refused, setRefused] = useState(false);
  const { url, failed } = useDrawn(picture, refused);
  if (failed)
    return (
      <p className={styles.placeholder}>
        <ImageOff aria-hidden="true" />
        {say('cannotShow')}
      </p>
    );
  if (refused && !url) return <p className={styles.placeholder}>{say('drawing')}</p>;
  return <img src={url ?? picture.url} alt={alt ?? ''} onError={() => setRefused(true)} {...image} />;
}

/** The picture as the service draws it: a JPEG. */
export const drawnPicture = ({ id, file }: Picture) =>
  queryOptions({
    queryKey: ['drawn', id],
    queryFn: ({ signal }) =>
      callForBlob('api/v1/preview', {
        method: 'POST',
        query: { size: LONGEST_SIDE },
        headers: pictureHeaders(file),
        body: file,
        signal,
      }),
    staleTime: Number.POSITIVE_INFINITY,
  });

/** The address of the picture as the service draws it, once it is `wanted`. */
function useDrawn(picture: Picture, wanted: boolean) {
  const { data, isError } = useQuery({ ...drawnPicture(picture), enabled: wanted });
  const [url, setUrl] = useState<string>();
  useEffect(() => {
    if (!data) return;
    const made = URL.createObjectURL(data);
    setUrl(made);
    return () => URL.revokeObjectURL(made);
  }, [data]);
  return { url, failed: isError };
}
