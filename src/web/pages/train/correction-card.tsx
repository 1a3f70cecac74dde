/** One picture that was put right: what was answered, and what it really is. */
import { Pencil, Trash2 } from 'lucide-react';
import { useLabels } from '../../api/models.ts';
import type { Correction } from '../../api/training-types.ts';
import { IconButton } from '../../components/button.tsx';
import { dateAndTime } from '../../components/times.ts';
import { usePercent } from '../../components/use-percent.ts';
import { classNameIn } from '../../corrections/class-name.ts';
import { useWords } from '../../i18n/i18n.ts';
import { PrivateImage } from '../../pictures/private-image.tsx';
import { usePreferences } from '../../preferences/preferences.ts';
import { inboxMessages } from './corrections-messages.ts';
import styles from './corrections-page.module.css';
import shared from './train.module.css';

interface CorrectionCardProps {
  readonly correction: Correction;
  readonly onEdit: () => void;
  readonly onDelete: () => void;
}

export function CorrectionCard({ correction, onEdit, onDelete }: CorrectionCardProps) {
  const say = useWords(inboxMessages);
  const percent = usePercent();
  const { language } = usePreferences();
  const { id, model, predicted, probability, created } = correction;
  const { data: labels } = useLabels(model ?? undefined);
  const nameOf = (said: string) => classNameIn(said, labels?.classes ?? [], language);
  const label = nameOf(correction.label);
  return (
    <li className={`${styles.picture} ${shared.surface}`}>
      <PrivateImage path={`api/v1/corrections/${id}/thumbnail`} />
      <div className={styles.caption}>
        {predicted !== null && (
          <p className={styles.predicted}>
            {say('answered', { predicted: nameOf(predicted) })} {probability !== null && percent(probability, 0)}
          </p>
        )}
        <p className={styles.label}>{say('really', { label })}</p>
        <time className={shared.quiet} dateTime={created}>
          {dateAndTime(created, language)}
        </time>
      </div>
      <div className={styles.tools}>
        <IconButton icon={Pencil} label={say('edit', { label })} onClick={onEdit} />
        <IconButton icon={Trash2} label={say('remove', { label })} onClick={onDelete} />
      </div>
    </li>
  );
}
