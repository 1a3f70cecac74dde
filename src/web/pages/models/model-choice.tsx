/** Which models are compared, each in a precision of its own. */
import type { Models } from '../../api/types.ts';
import { bytes } from '../../components/format.ts';
import { useWords } from '../../i18n/i18n.ts';
import { bytesOf, type Choice, canCompare, MOST_COMPARED, nameOf } from './choice.ts';
import styles from './compare.module.css';
import { compareMessages } from './compare-messages.ts';

interface ModelChoiceProps {
  readonly models: Models;
  readonly all: readonly Choice[];
  readonly chosen: readonly Choice[];
  readonly onChange: (chosen: readonly Choice[]) => void;
}

export function ModelChoice({ models, all, chosen, onChange }: ModelChoiceProps) {
  const say = useWords(compareMessages);
  const isChosen = (choice: Choice) => chosen.some((one) => nameOf(one) === nameOf(choice));
  const toggle = (choice: Choice) =>
    onChange(isChosen(choice) ? chosen.filter((one) => nameOf(one) !== nameOf(choice)) : [...chosen, choice]);
  const { limitModels } = models.memory;
  const now = models.loaded.find((one) => one.active);
  const active = now ? `${now.name} ${now.precision.toUpperCase()}` : '';
  return (
    <fieldset className={styles.choice}>
      <legend className={styles.legend}>{say('models')}</legend>
      <p className={styles.quiet}>
        {limitModels > MOST_COMPARED ? say('modelsAre') : say('modelsFit', { limit: limitModels, active })}
      </p>
      <div className={styles.line}>
        {all.map((choice) => (
          <label key={nameOf(choice)} className={styles.option}>
            <input
              type="checkbox"
              checked={isChosen(choice)}
              disabled={!isChosen(choice) && !canCompare(models, [...chosen, choice])}
              onChange={() => toggle(choice)}
            />
            <span>
              {choice.reference} {choice.precision.toUpperCase()}
            </span>
            <span className={styles.quiet}>{bytes(sizeOf(models, choice))}</span>
          </label>
        ))}
      </div>
    </fieldset>
  );
}

export function sizeOf({ models }: Models, { reference, precision }: Choice): number {
  const model = models.find((one) => one.reference === reference);
  return (model && bytesOf(model, precision)) ?? 0;
}
