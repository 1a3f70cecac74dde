/** The first of the chosen pictures, so that people see that they took the right ones. */
import { useEffect, useState } from 'react';
import type { Chosen } from '../../pictures/chosen-files.ts';
import styles from './mosaic.module.css';

const SHOWN = 12;

export function Mosaic({ pictures }: { readonly pictures: readonly Chosen[] }) {
  const [urls, setUrls] = useState<readonly string[]>([]);
  useEffect(() => {
    const made = pictures.slice(0, SHOWN).map(({ file }) => URL.createObjectURL(file));
    setUrls(made);
    return () => {
      for (const url of made) URL.revokeObjectURL(url);
    };
  }, [pictures]);
  if (urls.length === 0) return null;
  return (
    <div className={styles.mosaic} aria-hidden="true">
      {urls.map((url) => (
        <One key={url} url={url} />
      ))}
    </div>
  );
}

/** What the browser cannot show leaves no gap. */
function One({ url }: { readonly url: string }) {
  const [isShown, setShown] = useState(true);
  return isShown ? <img src={url} alt="" decoding="async" onError={() => setShown(false)} /> : null;
}
