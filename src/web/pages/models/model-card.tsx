/** One model: what it is, in the precision that is looked at, and what can be done with it. */
import { CircleCheck } from 'lucide-react';
import { useId, useState } from 'react';
import { useModel } from '../../api/models.ts';
import type { Model, Models } from '../../api/types.ts';
import { bytes, withPercentSign } from '../../components/format.ts';
import { Problem } from '../../components/problem.tsx';
import { Segmented } from '../../components/segmented.tsx';
import { useWords } from '../../i18n/i18n.ts';
import { usePreferences } from '../../preferences/preferences.ts';
import { Activation } from './activation.tsx';
import { bytesOf, firstPrecision, inMemory, type ModelSummary, type Precision } from './choice.ts';
import { modelsMessages } from './messages.ts';
import { ModelFacts } from './model-facts.tsx';
import styles from './page.module.css';
import { Speed } from './speed.tsx';

interface ModelCardProps {
  readonly models: Models;
  readonly model: ModelSummary;
  /** The model that is being measured, by its name for the service. */
  readonly measured: string | null;
  readonly onMeasured: (name: string | null) => void;
}

export function ModelCard({ models, model, measured, onMeasured }: ModelCardProps) {
  const say = useWords(modelsMessages);
  const id = useId();
  const [chosen, setChosen] = useState<Precision>();
  const precision = chosen ?? firstPrecision(models, model);
  const { data, error, refetch } = useModel(`${model.name}@${model.version}`);
  const choice = { reference: model.reference, precision };
  const memory = inMemory(models, model, precision);
  return (
    <article className={styles.card} aria-labelledby={id} data-active={model.active || undefined}>
      <header className={styles.cardHead}>
        <div>
          <h2 id={id}>{model.name}</h2>
          <p className={styles.quiet}>
            {say('version', { version: model.version })} · {model.license}
          </p>
        </div>
        {model.active && (
          <p className={styles.badge}>
            <CircleCheck aria-hidden="true" className={styles.icon} />
            {say('activeNow')}
          </p>
        )}
        {!model.active && model.loaded.length > 0 && <p className={styles.quietBadge}>{say('loaded')}</p>}
      </header>
      <div className={styles.precision}>
        {model.files.length > 1 && (
          <Segmented
            label={say('precision')}
            value={precision}
            options={model.files.map((file) => ({ value: file.precision, label: file.precision.toUpperCase() }))}
            onChange={setChosen}
          />
        )}
        <p className={styles.quiet}>{say(`${precision}Is`)}</p>
      </div>
      <dl className={styles.figures}>
        <Accuracy metrics={data?.metrics} precision={precision} />
        <div>
          <dt>{say('size')}</dt>
          <dd className={styles.figure}>{bytes(bytesOf(model, precision) ?? 0)}</dd>
          <dd className={styles.note}>{say('sizeOf', { precision: precision.toUpperCase() })}</dd>
        </div>
        <Speed key={precision} choice={choice} measured={measured} onMeasured={onMeasured} />
      </dl>
      {error && <Problem error={error} onRetry={() => void refetch()} />}
      <ModelFacts summary={model} model={data} precision={precision} memory={memory} />
      <Activation key={`${precision} activation`} choice={choice} isActive={memory?.active ?? false} />
    </article>
  );
}

/** As manifests name it. */
const IMAGENET = 'ImageNet-1k validation';

interface AccuracyProps {
  readonly metrics: Model['metrics'] | undefined;
  readonly precision: Precision;
}

function Accuracy({ metrics, precision }: AccuracyProps) {
  const say = useWords(modelsMessages);
  const { language } = usePreferences();
  const metric = metrics?.find((one) => one.precision === precision) ?? metrics?.[0];
  return (
    <div>
      <dt>{say('accuracy')}</dt>
      <dd className={styles.figure}>
        {metric ? withPercentSign(metric.top1, language) : metrics ? say('unknown') : '…'}
      </dd>
      <dd className={styles.note}>
        {metric &&
          say('accuracyOf', {
            precision: metric.precision.toUpperCase(),
            source: say(metric.source),
            on: metric.on === IMAGENET ? say('imagenet') : metric.on,
          })}
        {metrics?.length === 0 && say('accuracyUnknown')}
      </dd>
    </div>
  );
}
