/** The same pictures through several models, side by side. */
import { ArrowLeft, Trash2 } from 'lucide-react';
import { useState } from 'react';
import { useModels } from '../../api/models.ts';
import type { Models } from '../../api/types.ts';
import { Button } from '../../components/button.tsx';
import { ButtonLink } from '../../components/button-link.tsx';
import { Page } from '../../components/page.tsx';
import { Problem } from '../../components/problem.tsx';
import { useWords } from '../../i18n/i18n.ts';
import { clearPictures, useCollection } from '../../pictures/collection.ts';
import { DropHint } from '../../pictures/drop-hint.tsx';
import { ExampleChoice } from '../../pictures/example-choice.tsx';
import { PicturesButton } from '../../pictures/pictures-button.tsx';
import { LeftOut, useTaking } from '../../pictures/taking.tsx';
import { allChoices, type Choice, nameOf } from './choice.ts';
import styles from './compare.module.css';
import { compareMessages } from './compare-messages.ts';
import { ModelChoice } from './model-choice.tsx';
import { SideBySide } from './side-by-side.tsx';

export default function ComparePage() {
  const say = useWords(compareMessages);
  // From the beginning: without this, the browser would leave the page for what is dropped.
  const { take, dragging } = useTaking();
  const { data, error, refetch } = useModels();
  return (
    <Page
      title={say('title')}
      intro={say('intro')}
      actions={
        <ButtonLink href="/models" icon={ArrowLeft}>
          {say('back')}
        </ButtonLink>
      }
    >
      {dragging && <DropHint>{say('drop')}</DropHint>}
      {error && <Problem error={error} onRetry={() => void refetch()} />}
      {!data && !error && <p role="status">{say('loading')}</p>}
      {data && <Comparison models={data} onFiles={take} />}
    </Page>
  );
}

interface PicturesProps {
  readonly onFiles: (files: readonly File[]) => void;
}

function Comparison({ models, onFiles }: PicturesProps & { readonly models: Models }) {
  const say = useWords(compareMessages);
  const all = allChoices(models);
  const [chosen, setChosen] = useState<readonly Choice[]>(() => firstChosen(all));
  if (all.length < 2) return <p>{say('onlyOne')}</p>;
  if (models.memory.limitModels < 2) return <p>{say('noRoom')}</p>;
  // In one order, whenever they were chosen: what was asked for once need not be asked for again.
  const ordered = all.filter((choice) => chosen.some((one) => nameOf(one) === nameOf(choice)));
  return (
    <>
      <ModelChoice models={models} all={all} chosen={ordered} onChange={setChosen} />
      <Pictures onFiles={onFiles} />
      {ordered.length < 2 ? <p role="status">{say('tooFew')}</p> : <SideBySide models={models} choices={ordered} />}
    </>
  );
}

/** What answers now and another model, or, where there is none, its other precision. */
function firstChosen(all: readonly Choice[]): readonly Choice[] {
  const [first] = all;
  const other = all.find(({ reference }) => reference !== first?.reference) ?? all[1];
  return [first, other].flatMap((choice) => choice ?? []);
}

function Pictures({ onFiles }: PicturesProps) {
  const say = useWords(compareMessages);
  const { pictures } = useCollection();
  return (
    <section className={styles.pictures} aria-label={say('pictures')}>
      {pictures.length === 0 && <p>{say('begin')}</p>}
      <div className={styles.line}>
        <PicturesButton look="primary" label={say('add')} multiple onFiles={onFiles} />
        {pictures.length > 0 && (
          <Button look="quiet" icon={Trash2} onClick={clearPictures}>
            {say('clear')}
          </Button>
        )}
        <LeftOut />
      </div>
      {pictures.length === 0 && (
        <div className={styles.examples}>
          <ExampleChoice onFile={(file) => onFiles([file])} />
        </div>
      )}
    </section>
  );
}
