/** One picture that is in no collection: nobody else sees it, and it is gone when it is replaced. */
import { useEffect, useState } from 'react';
import type { Picture } from './collection.ts';

let made = 0;

export function useLoosePicture(): [picture: Picture | undefined, show: (file: File | undefined) => void] {
  const [picture, setPicture] = useState<Picture>();
  useEffect(() => () => URL.revokeObjectURL(picture?.url ?? ''), [picture]);
  const show = (file: File | undefined) => {
    made += 1;
    setPicture(file && { id: `loose-${made}`, file, url: URL.createObjectURL(file) });
  };
  return [picture, show];
}
