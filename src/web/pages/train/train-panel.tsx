/** What a training begins with, and its beginning. */
import { useQueryClient } from '@tanstack/react-query';
import { GraduationCap } from 'lucide-react';
import { type FormEvent, useState } from 'react';
import { Link, useLocation } from 'wouter';
import { manage } from '../../api/manage.ts';
import { useModels } from '../../api/models.ts';
import type { Dataset, Training } from '../../api/training-types.ts';
import { useDeed } from '../../api/use-deed.ts';
import { ManagedProblem } from '../../components/admin-token.tsx';
import { Button } from '../../components/button.tsx';
import { bytes } from '../../components/format.ts';
import { Problem } from '../../components/problem.tsx';
import { TextField } from '../../components/text-field.tsx';
import { useWords } from '../../i18n/i18n.ts';
import { TRAININGS } from './addresses.ts';
import { Advanced, type Options, USUAL } from './advanced.tsx';
import { type BaseModel, baseModels } from './base-models.ts';
import { datasetMessages } from './dataset-messages.ts';
import { canTrain } from './hints.ts';
import { commitRemoval } from './removal.ts';
import shared from './train.module.css';
import styles from './train-panel.module.css';
import { useTrainings } from './training-list.tsx';
import { hasEnded } from './training-state.ts';

/** Of its heading. */
export const TRAINING = 'training';

export function TrainPanel({ dataset }: { readonly dataset: Dataset }) {
  const say = useWords(datasetMessages);
  const queries = useQueryClient();
  const [, open] = useLocation();
  const [options, setOptions] = useState<Options>(USUAL);
  const [chosen, setChosen] = useState<string>();
  const { data, error, refetch } = useModels();
  const models = data ? baseModels(data) : [];
  const model = chosen ?? usualOf(models)?.reference;
  const starting = useDeed({
    mutationFn: async (output: string) => {
      // What was deleted a moment ago is not to be learned.
      await commitRemoval();
      const json = { dataset: dataset.name, output, model, ...options };
      return manage<Training>(TRAININGS, { method: 'POST', json });
    },
    onSuccess: ({ id }) => {
      void queries.invalidateQueries({ queryKey: ['trainings'] });
      open(`/train/runs/${encodeURIComponent(id)}`);
    },
  });
  const isReady = canTrain(dataset.classes) && model !== undefined;
  const start = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const output = String(new FormData(event.currentTarget).get('output'));
    if (isReady) starting.mutate(output);
  };
  return (
    <form className={shared.card} aria-labelledby={TRAINING} onSubmit={start}>
      <h2 id={TRAINING} tabIndex={-1} className={styles.title}>
        {say('train')}
      </h2>
      <p className={styles.about}>{say('trainAbout')}</p>
      {error && <Problem error={error} onRetry={() => void refetch()} />}
      {data && models.length === 0 && <p>{say('noModels')}</p>}
      {models.length > 0 && <ModelChoice models={models} chosen={model} onChoose={setChosen} />}
      <TextField
        label={say('output')}
        note={say('outputNote')}
        name="output"
        defaultValue={dataset.name}
        required
        pattern="[a-z0-9][a-z0-9._\-]{0,63}"
        spellCheck={false}
      />
      <Advanced options={options} onChange={setOptions} />
      <div className={styles.go}>
        <Button
          type="submit"
          look="primary"
          icon={GraduationCap}
          disabled={!isReady}
          waiting={starting.isPending}
          aria-describedby={isReady ? undefined : `${TRAINING}-why`}
        >
          {say('trainNow')}
        </Button>
      </div>
      {!canTrain(dataset.classes) && (
        <p id={`${TRAINING}-why`} className={styles.why}>
          {say('needTwo')}
        </p>
      )}
      {starting.isError && (
        <ManagedProblem error={starting.error} onRetry={() => starting.mutate(starting.variables)} />
      )}
      <UnderWay dataset={dataset.name} />
    </form>
  );
}

/** The one that is quick: with so few classes others are hardly better. */
const usualOf = (models: readonly BaseModel[]): BaseModel | undefined => models[0];

interface ModelChoiceProps {
  readonly models: readonly BaseModel[];
  readonly chosen: string | undefined;
  readonly onChoose: (reference: string) => void;
}

function ModelChoice({ models, chosen, onChoose }: ModelChoiceProps) {
  const say = useWords(datasetMessages);
  return (
    <fieldset className={styles.models}>
      <legend>{say('beginWith')}</legend>
      {models.map(({ reference, license, bytes: count, size, from = '' }) => (
        <label key={reference} className={styles.model}>
          <input
            type="radio"
            name="model"
            value={reference}
            checked={reference === chosen}
            onChange={() => onChoose(reference)}
          />
          <span className={styles.modelName}>{say(size, { from })}</span>
          <span className={styles.modelFacts}>
            {say('modelFacts', { model: reference, size: bytes(count), license })}
          </span>
        </label>
      ))}
    </fieldset>
  );
}

/** A training of this data set that goes on meanwhile. */
function UnderWay({ dataset }: { readonly dataset: string }) {
  const say = useWords(datasetMessages);
  const { data } = useTrainings();
  const running = data?.trainings.find((one) => one.source.dataset === dataset && !hasEnded(one));
  if (!running) return null;
  return (
    <p className={styles.why}>
      {say('another')} <Link href={`/train/runs/${encodeURIComponent(running.id)}`}>{say('watch')}</Link>
    </p>
  );
}
