/** A picture as an image, at once where the browser shows it rightly, else as the service draws it (HEIC, TIFF, turned WebP). */
import { useQuery } from '@tanstack/react-query';
import { ImageOff } from 'lucide-react';
import { type ComponentProps, useEffect, useState } from 'react';
import { CallError, mayPass } from '../api/call.ts';
import { useObjectUrl } from '../components/object-url.ts';
import { messages, useWords } from '../i18n/i18n.ts';
import { usePreferences } from '../preferences/preferences.ts';
import type { Picture } from './collection.ts';
import { drawnByService, isLeftUnturned } from './drawn.ts';
import styles from './picture-image.module.css';

const imageMessages = messages(
  'image',
  { cannotShow: 'This picture cannot be shown.', drawing: 'Drawing…' },
  { cannotShow: '这张图片无法显示。', drawing: '正在绘制…' },
);

interface PictureImageProps extends Omit<ComponentProps<'img'>, 'src'> {
  readonly picture: Picture;
  /** Whether there is no room for words where it cannot be shown. */
  readonly small?: boolean;
}

/** Give it a `key` of the picture's id. */
export function PictureImage({ picture, small = false, alt, ...image }: PictureImageProps) {
  const say = useWords(imageMessages);
  const [refused, setRefused] = useState(false);
  const { url, failed } = useDrawn(picture, refused);
  useEffect(() => {
    // What cannot be read is refused as an image, too.
    const look = () => isLeftUnturned(picture.file).catch(() => false);
    if (picture.file.type === 'image/webp') void look().then((unturned) => unturned && setRefused(true));
  }, [picture.file]);
  const words = small ? 'visually-hidden' : undefined;
  if (failed)
    return (
      <span className={styles.placeholder} data-small={small || undefined}>
        <ImageOff aria-hidden="true" />
        <span className={words}>{say('cannotShow')}</span>
      </span>
    );
  if (refused && !url)
    return (
      <span className={styles.placeholder} data-small={small || undefined}>
        <span className={words}>{say('drawing')}</span>
      </span>
    );
  return <img src={url ?? picture.url} alt={alt ?? ''} onError={() => setRefused(true)} {...image} />;
}

/** Nobody is asked whether to try again, as the answer stands beside it. */
const MOST_RETRIES = 3;

/** The address of the picture as the service draws it, once it is `wanted`. */
function useDrawn({ id, file }: Picture, wanted: boolean) {
  const { key } = usePreferences();
  const { data, isError } = useQuery({
    queryKey: ['drawn', id, key],
    queryFn: ({ signal }) => drawnByService(file, signal),
    enabled: wanted,
    staleTime: Number.POSITIVE_INFINITY,
    retry: (failures, error) => failures < MOST_RETRIES && error instanceof CallError && mayPass(error.problem),
  });
  return { url: useObjectUrl(data), failed: isError };
}
