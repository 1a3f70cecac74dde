/** A guided tour in six steps for a lesson: what a picture is to a machine, what it answers, and what it cannot do. */
import { useQuery } from '@tanstack/react-query';
import { Printer } from 'lucide-react';
import { useEffect, useEffectEvent, useState } from 'react';
import { Button } from '../../components/button.tsx';
import { Page } from '../../components/page.tsx';
import { Problem } from '../../components/problem.tsx';
import { explanationMessages } from '../../explanation/messages.ts';
import { useBitmap, useSeen } from '../../explanation/use-seen.ts';
import { useWords } from '../../i18n/i18n.ts';
import { useArrivals } from '../../pictures/arrivals.ts';
import { type Picture, useChosenPicture } from '../../pictures/collection.ts';
import { DropHint } from '../../pictures/drop-hint.tsx';
import { ExampleChoice } from '../../pictures/example-choice.tsx';
import { exampleFile, examples } from '../../pictures/examples.ts';
import { useLoosePicture } from '../../pictures/loose-picture.ts';
import { PicturesButton } from '../../pictures/pictures-button.tsx';
import { Handout } from './handout.tsx';
import { tourMessages } from './messages.ts';
import styles from './page.module.css';
import { Tour } from './tour.tsx';

export default function TourPage() {
  const say = useWords(tourMessages);
  // Stays when the picture changes.
  const [step, setStep] = useState(0);
  const chosen = useChosenPicture();
  const [own, show] = useLoosePicture();
  const picture = own ?? chosen;
  const first = useQuery({
    queryKey: ['first-example'],
    queryFn: () => exampleFile(examples[0]),
    enabled: !picture,
    staleTime: Number.POSITIVE_INFINITY,
  });
  const showFirst = useEffectEvent((file: File) => picture ?? show(file));
  useEffect(() => {
    if (first.data) showFirst(first.data);
  }, [first.data]);
  const dragging = useArrivals({ onFiles: ([file]) => show(file) });
  return (
    <Page title={say('title')} headingHidden>
      {dragging && <DropHint>{say('drop')}</DropHint>}
      {first.error && <Problem error={first.error} onRetry={() => void first.refetch()} />}
      {picture ? (
        <Guided key={picture.id} picture={picture} step={step} onStep={setStep} />
      ) : (
        !first.error && <p className={styles.preparing}>{say('preparing')}</p>
      )}
      <section className={styles.another}>
        <h2>{say('another')}</h2>
        <div className={styles.choice}>
          <ExampleChoice onFile={show} />
          <div className={styles.ways}>
            <PicturesButton label={say('choose')} onFiles={([file]) => show(file)} />
            <Button icon={Printer} onClick={() => window.print()}>
              {say('print')}
            </Button>
          </div>
        </div>
      </section>
    </Page>
  );
}

interface GuidedProps {
  readonly picture: Picture;
  readonly step: number;
  readonly onStep: (step: number) => void;
}

function Guided({ picture, step, onStep }: GuidedProps) {
  const say = useWords(tourMessages);
  const sayPixels = useWords(explanationMessages);
  const { answer, explanation, lens, error, retry } = useSeen(picture);
  const bitmap = useBitmap(picture);
  if (error) return <Problem error={error} onRetry={retry} />;
  if (bitmap === null) return <p>{sayPixels('cannotDraw')}</p>;
  if (!answer || !explanation || !lens || !bitmap) return <p className={styles.preparing}>{say('preparing')}</p>;
  const shown = { picture, answer, explanation, lens, bitmap };
  return (
    <>
      <Tour step={step} onStep={onStep} shown={shown} />
      <Handout shown={shown} />
    </>
  );
}
