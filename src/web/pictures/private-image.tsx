/** A small picture that the service shows to those alone who manage it. */
import { ImageOff } from 'lucide-react';
import { useState } from 'react';
import { callForBlob } from '../api/call.ts';
import { useImageAddress } from './image-address.ts';
import styles from './private-image.module.css';
import { createThumbnailCache } from './thumbnail-cache.ts';

interface PrivateImageProps {
  readonly path: string;
  /** Empty where words beside it say what it is. */
  readonly alt?: string;
  readonly className?: string | undefined;
}

export function PrivateImage({ path, alt = '', className = '' }: PrivateImageProps) {
  const address = useImageAddress(path, take);
  const [failed, setFailed] = useState<string>();
  if (failed === path || address.failed)
    return (
      <span className={`${styles.none} ${className}`}>
        <ImageOff aria-hidden="true" />
      </span>
    );
  if (!address.url) return <span className={`${styles.none} ${className}`} />;
  return (
    <img
      src={address.url}
      alt={alt}
      loading="lazy"
      decoding="async"
      draggable={false}
      className={`${styles.image} ${className}`}
      onError={() => setFailed(path)}
    />
  );
}

const take = createThumbnailCache((path, request) => callForBlob(path, { ...request, manages: true }));
