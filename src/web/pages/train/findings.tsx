/** What was found in the pictures, each with those that it is about: to be put right, or left as they are. */
import { Copy, FileQuestion, FileX, ImagePlus, type LucideIcon, Scale, Sparkle, TriangleAlert } from 'lucide-react';
import { useId, useState } from 'react';
import type { Finding } from '../../api/training-types.ts';
import { ManagedProblem } from '../../components/admin-token.tsx';
import { useWords } from '../../i18n/i18n.ts';
import { PrivateImage } from '../../pictures/private-image.tsx';
import { usePreferences } from '../../preferences/preferences.ts';
import { addressOfThumbnail } from './addresses.ts';
import styles from './findings.module.css';
import { PictureDialog } from './picture-dialog.tsx';
import { pictureIdOf } from './picture-names.ts';
import { removePictures } from './removal.ts';
import { runMessages } from './run-messages.ts';
import shared from './train.module.css';
import { useAllPictures, useDataset, useKeepUp } from './use-dataset.ts';

const MOST_SHOWN = 12;

const SIGNS: Readonly<Record<Finding['kind'], LucideIcon>> = {
  unreadable: FileX,
  'other-files': FileQuestion,
  'exact-duplicates': Copy,
  'near-duplicates': Copy,
  'only-copies': Copy,
  'few-pictures': ImagePlus,
  'empty-class': ImagePlus,
  imbalance: Scale,
  'suspected-label': TriangleAlert,
  outlier: Sparkle,
};

interface FindingsProps {
  readonly findings: readonly Finding[];
  /** The data set of the page that they are of; null for others, whose pictures cannot be shown. */
  readonly dataset: string | null;
}

export function Findings({ findings, dataset }: FindingsProps) {
  const say = useWords(runMessages);
  const title = useId();
  const { language } = usePreferences();
  useKeepUp(dataset ?? '');
  return (
    <section className={shared.card} aria-labelledby={title}>
      <h2 id={title}>{say('findings')}</h2>
      <p className={shared.quiet}>{say(findings.length === 0 ? 'nothingFound' : 'findingsAbout')}</p>
      {findings.length > 0 && (
        <ul className={styles.findings}>
          {findings.map((finding) => {
            const Sign = SIGNS[finding.kind];
            return (
              <li key={`${finding.kind} ${finding.message}`} className={styles.finding}>
                <p className={styles.words}>
                  <Sign aria-hidden="true" />
                  <span>{language === 'zh' ? finding.messageZh : finding.message}</span>
                </p>
                {dataset !== null && <Pictures dataset={dataset} finding={finding} />}
              </li>
            );
          })}
        </ul>
      )}
    </section>
  );
}

function Pictures({ dataset, finding }: { readonly dataset: string; readonly finding: Finding }) {
  const say = useWords(runMessages);
  const { dataset: whole, ...set } = useDataset(dataset);
  const [looking, setLooking] = useState<string>();
  const named = [...new Set(finding.pictures.map(pictureIdOf).filter((id) => id !== undefined))];
  const { pictures, ...list } = useAllPictures(dataset, named.length > 0);
  // What was deleted since then is not to be looked at.
  const ids = named.filter((id) => !pictures || pictures.has(id));
  const picture = looking === undefined ? undefined : pictures?.get(looking);
  const failed = [...(whole ? [] : [set]), ...(pictures ? [] : [list])].filter(({ error }) => error);
  if (ids.length === 0) return null;
  return (
    <>
      <div className={styles.pictures}>
        {ids.slice(0, MOST_SHOWN).map((id, at) => (
          <button
            key={id}
            type="button"
            className={styles.picture}
            aria-label={say('lookAt', { name: at + 1 })}
            onClick={() => setLooking(id)}
          >
            <PrivateImage path={addressOfThumbnail(dataset, id)} />
          </button>
        ))}
        {ids.length > MOST_SHOWN && (
          <span className={styles.more}>{say('more', { count: ids.length - MOST_SHOWN })}</span>
        )}
      </div>
      {looking !== undefined && failed[0] && (
        <ManagedProblem
          error={failed[0].error}
          onRetry={() => {
            for (const { refetch } of failed) void refetch();
          }}
        />
      )}
      {picture && whole && (
        <PictureDialog
          dataset={whole}
          picture={picture}
          suggested={finding.classes}
          onClose={() => setLooking(undefined)}
          onDelete={() => removePictures({ dataset, pictures: [picture] })}
        />
      )}
    </>
  );
}
