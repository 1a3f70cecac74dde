/** The picture with its answer as one picture, to keep or to send. */
import { useQuery } from '@tanstack/react-query';
import { Copy, Download, IdCard, Share2 } from 'lucide-react';
import { useState } from 'react';
import type { Classification } from '../../api/types.ts';
import { answerMessages } from '../../components/answer-messages.ts';
import { Button } from '../../components/button.tsx';
import { ButtonLink } from '../../components/button-link.tsx';
import { Dialog } from '../../components/dialog.tsx';
import { useObjectUrl } from '../../components/object-url.ts';
import { Problem } from '../../components/problem.tsx';
import { useNotice } from '../../components/toast.tsx';
import { usePercent } from '../../components/use-percent.ts';
import { useWords } from '../../i18n/i18n.ts';
import type { Picture } from '../../pictures/collection.ts';
import { drawCard } from './card.ts';
import { classifyMessages } from './messages.ts';
import styles from './picture-card.module.css';

interface PictureCardProps {
  readonly picture: Picture;
  readonly classification: Classification;
}

export default function PictureCard(props: PictureCardProps) {
  const say = useWords(classifyMessages);
  const [open, setOpen] = useState(false);
  return (
    <>
      <Button icon={IdCard} onClick={() => setOpen(true)}>
        {say('share')}
      </Button>
      <Dialog title={say('cardTitle')} open={open} onClose={() => setOpen(false)}>
        <Card {...props} />
      </Dialog>
    </>
  );
}

function Card({ picture, classification }: PictureCardProps) {
  const say = useWords(classifyMessages);
  const notice = useNotice();
  const said = useSaid(classification);
  const {
    data: card,
    error,
    refetch,
  } = useQuery({
    queryKey: ['card', picture.id, said],
    queryFn: () => drawCard(picture.file, { ...said, line: say('cardLine') }),
    gcTime: 0,
  });
  const url = useObjectUrl(card);
  if (error) return <Problem error={error} onRetry={() => void refetch()} />;
  if (!card || !url) return <div className={styles.waiting} />;
  const file = new File([card], `${picture.file.name.replace(/\.[^.]*$/, '')} – Kaiyan.png`, { type: card.type });
  const copy = async () => {
    const done = await navigator.clipboard.write([new ClipboardItem({ [card.type]: card })]).then(
      () => true,
      () => false,
    );
    notice(done ? say('cardCopied') : say('cannotCopy'));
  };
  return (
    <>
      <img className={styles.card} src={url} alt={say('cardAlt', { name: picture.file.name, answer: said.sentence })} />
      <p className={styles.note}>{say('cardNote')}</p>
      <div className={styles.actions}>
        <ButtonLink look="primary" icon={Download} href={url} download={file.name}>
          {say('save')}
        </ButtonLink>
        {'ClipboardItem' in window && (
          <Button icon={Copy} onClick={() => void copy()}>
            {say('copyCard')}
          </Button>
        )}
        {navigator.canShare?.({ files: [file] }) && (
          // Who changes their mind is told so by the browser, as an error.
          <Button icon={Share2} onClick={() => void navigator.share({ files: [file] }).catch(() => undefined)}>
            {say('shareIt')}
          </Button>
        )}
      </div>
    </>
  );
}

/** The answer in one sentence, what it might be beyond that, and what else was thought of. */
function useSaid({ answer, predictions }: Classification) {
  const say = useWords(answerMessages);
  const percent = usePercent();
  const [best] = predictions;
  const named = say(answer.level, { label: answer.label ?? '' });
  const isClass = answer.level === 'class';
  return {
    sentence: answer.level === 'unsure' ? named : `${named} ${percent(answer.probability)}`,
    perhaps: isClass || !best ? '' : `${say('perhaps', { label: best.label })} ${percent(best.probability)}`,
    bars: predictions.map(({ label, probability }) => ({ label, probability, figure: percent(probability) })),
  };
}
