/** What came of a training, and what can be done with it. */
import { Download, FileChartColumn } from 'lucide-react';
import { useId } from 'react';
import { callForBlob } from '../../api/call.ts';
import type { Training } from '../../api/training-types.ts';
import { useDeed } from '../../api/use-deed.ts';
import { ManagedProblem } from '../../components/admin-token.tsx';
import answer from '../../components/answer.module.css';
import { Button, buttonClass } from '../../components/button.tsx';
import { save, saveFrom } from '../../components/save-file.ts';
import { ShareRow } from '../../components/share-row.tsx';
import { usePercent } from '../../components/use-percent.ts';
import { useWords } from '../../i18n/i18n.ts';
import { asksWithoutKey, usePreferences } from '../../preferences/preferences.ts';
import { addressOfArchive, addressOfReport } from './addresses.ts';
import { Promotion } from './promotion.tsx';
import styles from './result.module.css';
import { runMessages } from './run-messages.ts';
import shared from './train.module.css';
import { rightOf } from './training-state.ts';

type Outcome = NonNullable<Training['result']>;

interface ResultProps {
  readonly training: Training;
  readonly result: Outcome;
}

export function Result({ training, result }: ResultProps) {
  const say = useWords(runMessages);
  const percent = usePercent();
  const title = useId();
  const { validation, crossValidated, pictures, int8, model } = result;
  const total = validation.pictures;
  return (
    <section className={shared.card} aria-labelledby={title}>
      <h2 id={title}>{say('result')}</h2>
      <p className={`${answer.said} ${styles.said}`}>
        {total > 0 ? say('rightOf', { right: rightOf(validation.top1, total), total }) : say('rightOfNone')}
      </p>
      {total > 0 && validation.top1 < OFTEN_RIGHT && <p className={styles.poor}>{say('poor')}</p>}
      <div className={styles.facts}>
        <p>{say('crossValidated', { share: percent(crossValidated) })}</p>
        <Small int8={int8} />
        <p>
          <span className={styles.model}>{model}</span> · {say('facts', { count: pictures })}
        </p>
      </div>
      <div className={styles.ways}>
        <Promotion model={model} training={training.id} />
        {total > 0 && <Report training={training.id} />}
        <Archive model={model} />
      </div>
      <PerClass classes={validation.perClass ?? []} />
      {total > 0 && <p className={styles.note}>{say('reportNote')}</p>}
    </section>
  );
}

/** Who uses one that is right less often should know it. */
const OFTEN_RIGHT = 0.75;
const MOST_CLASSES = 12;

/** The hardest first. */
function PerClass({ classes }: { readonly classes: NonNullable<Outcome['validation']['perClass']> }) {
  const say = useWords(runMessages);
  const { language } = usePreferences();
  if (classes.length === 0) return null;
  return (
    <div className={styles.classes}>
      <h3>{say('perClass')}</h3>
      <ul>
        {classes.slice(0, MOST_CLASSES).map(({ label, zh, pictures, right }) => (
          <li key={label}>
            <ShareRow
              label={language === 'zh' ? zh : label}
              figure={say('classRight', { right, total: pictures })}
              share={right / pictures}
            />
          </li>
        ))}
      </ul>
      {classes.length > MOST_CLASSES && (
        <p className={styles.note}>{say('moreClasses', { count: classes.length - MOST_CLASSES })}</p>
      )}
    </div>
  );
}

function Small({ int8 }: Pick<Outcome, 'int8'>) {
  const say = useWords(runMessages);
  const percent = usePercent();
  if (!int8) return null;
  if (!int8.kept) return <p>{say('int8Dropped')}</p>;
  return <p>{int8.agreement === null ? say('int8KeptPlain') : say('int8Kept', { share: percent(int8.agreement) })}</p>;
}

/** A page of its own; where a key is wanted, which an address cannot have, a file. */
export function Report({ training }: { readonly training: string }) {
  const say = useWords(runMessages);
  const preferences = usePreferences();
  const address = addressOfReport(training, preferences.language);
  const saving = useDeed({
    mutationFn: () => callForBlob(address, { manages: true }),
    onSuccess: (report) => save(report, `report-${training}.html`),
  });
  if (asksWithoutKey(preferences))
    return (
      <a className={buttonClass('secondary')} href={address} target="_blank" rel="noreferrer">
        <FileChartColumn aria-hidden="true" />
        {say('report')}
      </a>
    );
  return (
    <>
      <Button icon={FileChartColumn} waiting={saving.isPending} onClick={() => saving.mutate()}>
        {say('saveReport')}
      </Button>
      {saving.isError && <ManagedProblem error={saving.error} onRetry={() => saving.mutate()} />}
    </>
  );
}

export function Archive({ model }: { readonly model: string }) {
  const say = useWords(runMessages);
  const isOpen = asksWithoutKey(usePreferences());
  const name = `${model.replace('@', '-')}.zip`;
  const saving = useDeed({
    mutationFn: async () => {
      // A link cannot send the key, but takes files of any size.
      if (isOpen) saveFrom(addressOfArchive(model), name);
      else save(await callForBlob(addressOfArchive(model)), name);
    },
  });
  return (
    <>
      <Button icon={Download} title={say('downloadNote')} waiting={saving.isPending} onClick={() => saving.mutate()}>
        {say('download')}
      </Button>
      {saving.isError && <ManagedProblem error={saving.error} onRetry={() => saving.mutate()} />}
    </>
  );
}
