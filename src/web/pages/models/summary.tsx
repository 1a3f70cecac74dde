/** What comes out of the comparison of all pictures: time, size, and how often the models agree. */
import type { Models } from '../../api/types.ts';
import { bytes, milliseconds } from '../../components/format.ts';
import { usePercent } from '../../components/use-percent.ts';
import { useWords } from '../../i18n/i18n.ts';
import { type Choice, nameOf } from './choice.ts';
import styles from './compare.module.css';
import { compareMessages } from './compare-messages.ts';
import { agreementOf, type Compared, medianTimeOf } from './comparing.ts';
import { sizeOf } from './model-choice.tsx';
import { letterOf, Named } from './named.tsx';

interface SummaryProps {
  readonly models: Models;
  readonly choices: readonly Choice[];
  readonly comparisons: readonly Compared[];
}

export function Summary({ models, choices, comparisons }: SummaryProps) {
  const say = useWords(compareMessages);
  const percent = usePercent();
  const agreement = agreementOf(comparisons, choices.length);
  return (
    <section className={styles.summary} aria-label={say('summary')}>
      <h2>{say('summary')}</h2>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: who has no mouse has to scroll it */}
      <section className={styles.scroll} tabIndex={0} aria-label={say('models')}>
        <table className={styles.table}>
          <thead>
            <tr>
              <th scope="col">{say('model')}</th>
              <th scope="col">{say('time')}</th>
              <th scope="col">{say('size')}</th>
              {choices.map((choice, at) => (
                <th key={nameOf(choice)} scope="col">
                  {say('agreesWith', { letter: letterOf(at) })}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {choices.map((choice, row) => {
              const time = medianTimeOf(comparisons, row);
              return (
                <tr key={nameOf(choice)}>
                  <th scope="row">
                    <Named choice={choice} at={row} />
                  </th>
                  <td>{time === undefined ? '–' : milliseconds(time)}</td>
                  <td>{bytes(sizeOf(models, choice))}</td>
                  {choices.map((other, column) => {
                    const share = agreement[row]?.[column] ?? null;
                    return (
                      <td key={nameOf(other)} className={row === column ? styles.self : undefined}>
                        {row === column || share === null ? '–' : percent(share, 0)}
                      </td>
                    );
                  })}
                </tr>
              );
            })}
          </tbody>
        </table>
      </section>
      <p className={styles.quiet}>{say('timeIs')}</p>
    </section>
  );
}
