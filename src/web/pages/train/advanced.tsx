/** How it is trained, for those who want to decide that themselves. */
import { Range } from '../../components/range.tsx';
import { TextField } from '../../components/text-field.tsx';
import { usePercent } from '../../components/use-percent.ts';
import { useWords } from '../../i18n/i18n.ts';
import { datasetMessages } from './dataset-messages.ts';
import styles from './train-panel.module.css';

/** As the service would choose them. */
export const USUAL = { unfreeze: 0, epochs: 10, augment: 4, seed: 0, validation: 0.2 };
export type Options = typeof USUAL;

interface AdvancedProps {
  readonly options: Options;
  readonly onChange: (options: Options) => void;
}

export function Advanced({ options, onChange }: AdvancedProps) {
  const say = useWords(datasetMessages);
  const percent = usePercent();
  const { unfreeze, epochs, augment, seed, validation } = options;
  const set = (change: Partial<Options>) => onChange({ ...options, ...change });
  return (
    <details className={styles.advanced}>
      <summary>{say('advanced')}</summary>
      <div className={styles.options}>
        <div>
          <Range
            label={say('unfreeze')}
            value={unfreeze}
            min={0}
            max={3}
            step={1}
            shown={unfreeze === 0 ? say('unfreezeNone') : say('unfreezeSome', { count: unfreeze })}
            onChange={(next) => set({ unfreeze: next })}
          />
          <p className={styles.note}>{say('unfreezeNote')}</p>
        </div>
        <div>
          <Range
            label={say('epochs')}
            value={epochs}
            min={1}
            max={50}
            step={1}
            shown={String(epochs)}
            disabled={unfreeze === 0}
            onChange={(next) => set({ epochs: next })}
          />
          <p className={styles.note}>{say('epochsNote')}</p>
        </div>
        <div>
          <Range
            label={say('augment')}
            value={augment}
            min={0}
            max={16}
            step={1}
            shown={String(augment)}
            onChange={(next) => set({ augment: next })}
          />
          <p className={styles.note}>{say('augmentNote')}</p>
        </div>
        <Range
          label={say('validation')}
          value={validation}
          min={0.1}
          max={0.5}
          step={0.05}
          shown={percent(validation, 0)}
          onChange={(next) => set({ validation: Math.round(next * 100) / 100 })}
        />
        <TextField
          label={say('seed')}
          note={say('seedNote')}
          type="number"
          min={0}
          max={4_294_967_295}
          step={1}
          required
          value={seed}
          onChange={({ currentTarget }) => set({ seed: Math.max(0, Math.floor(currentTarget.valueAsNumber || 0)) })}
        />
      </div>
    </details>
  );
}
