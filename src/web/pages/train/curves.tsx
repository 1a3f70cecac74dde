/** How error and right answers go with each pass: on what it learns from, and on what it never sees. */
import { useId, useRef } from 'react';
import type { CurvePoint } from '../../api/training-types.ts';
import { useRem, useWidth } from '../../components/use-layout.ts';
import { usePercent } from '../../components/use-percent.ts';
import { useWords } from '../../i18n/i18n.ts';
import { type ChartSize, chartOf } from './chart.ts';
import styles from './curves.module.css';
import { runMessages } from './run-messages.ts';
import shared from './train.module.css';

interface CurvesProps {
  readonly curve: readonly CurvePoint[];
  /** Passes in all. */
  readonly epochs: number;
}

/** Parts of a `rem`, as the words grow with the screen. */
const MARGINS = { height: 11, left: 2.75, right: 0.75, top: 0.75, bottom: 1.5 };
const LEAST_WIDTH = 200;

const OF = ['training', 'validation'] as const;

export function Curves({ curve, epochs }: CurvesProps) {
  const say = useWords(runMessages);
  const percent = usePercent();
  const title = useId();
  return (
    <section className={shared.card} aria-labelledby={title}>
      <h2 id={title}>{say('curves')}</h2>
      <div className={styles.curves}>
        <Figure
          title={say('accuracy')}
          note={say('accuracyIs')}
          epochs={curve.map(({ epoch }) => epoch)}
          values={[curve.map(({ accuracy }) => accuracy), curve.map(({ validationAccuracy }) => validationAccuracy)]}
          lastEpoch={epochs}
          most={1}
          format={(value) => percent(value, 0)}
        />
        <Figure
          title={say('loss')}
          note={say('lossIs')}
          epochs={curve.map(({ epoch }) => epoch)}
          values={[curve.map(({ loss }) => loss), curve.map(({ validationLoss }) => validationLoss)]}
          lastEpoch={epochs}
          format={(value) => String(Number(value.toPrecision(3)))}
        />
      </div>
      <ul className={styles.legend}>
        {OF.map((of) => (
          <li key={of}>
            <svg viewBox="0 0 32 12" aria-hidden="true">
              <path className={styles.curve} data-of={of} d="M2 6H30" />
            </svg>
            {say(of)}
          </li>
        ))}
      </ul>
      <Table curve={curve} />
    </section>
  );
}

interface FigureProps {
  readonly title: string;
  readonly note: string;
  readonly epochs: readonly number[];
  /** Of training and validation. */
  readonly values: readonly [readonly number[], readonly number[]];
  readonly lastEpoch: number;
  readonly most?: number;
  readonly format: (value: number) => string;
}

function Figure({ title, note, epochs, values, lastEpoch, most, format }: FigureProps) {
  const say = useWords(runMessages);
  const frame = useRef<HTMLElement>(null);
  const rem = useRem();
  const { height, left, right, top, bottom } = MARGINS;
  const size: ChartSize = {
    width: Math.max(useWidth(frame), LEAST_WIDTH),
    ...{ height: height * rem, left: left * rem, right: right * rem, top: top * rem, bottom: bottom * rem },
  };
  const chart = chartOf(
    values.map((one) => ({ values: one })),
    epochs,
    { lastEpoch, size, ...(most !== undefined && { most }) },
  );
  const spoken = OF.map((where, at) =>
    say('curveOf', {
      what: title,
      where: say(where),
      first: format(values[at]?.[0] ?? 0),
      last: format(values[at]?.at(-1) ?? 0),
    }),
  );
  return (
    <figure ref={frame} className={styles.figure}>
      <figcaption>
        {title} <span className={styles.note}>{note}</span>
      </figcaption>
      <svg
        viewBox={`0 0 ${size.width} ${size.height}`}
        className={styles.chart}
        role="img"
        aria-label={spoken.join('; ')}
      >
        {chart.y.map(({ value, at }) => (
          <g key={value}>
            <line className={styles.grid} x1={size.left} x2={size.width - size.right} y1={at} y2={at} />
            <text className={styles.tick} x={size.left - 6} y={at + 4} textAnchor="end">
              {format(value)}
            </text>
          </g>
        ))}
        {chart.x.map(({ value, at }) => (
          <text key={value} className={styles.tick} x={at} y={size.height - 6} textAnchor="middle">
            {value}
          </text>
        ))}
        {chart.paths.map((path, at) => (
          <path key={OF[at]} className={styles.curve} data-of={OF[at]} d={path} />
        ))}
        {chart.ends.map(
          (end, at) =>
            end && <circle key={OF[at]} className={styles.dot} data-of={OF[at]} cx={end.x} cy={end.y} r="3.5" />,
        )}
      </svg>
    </figure>
  );
}

function Table({ curve }: { readonly curve: readonly CurvePoint[] }) {
  const say = useWords(runMessages);
  const percent = usePercent();
  return (
    <details className={styles.table}>
      <summary>{say('asTable')}</summary>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: who has no mouse has to scroll it */}
      <section className={styles.scroll} tabIndex={0} aria-label={say('asTable')}>
        <table>
          <thead>
            <tr>
              <th scope="col">{say('epoch')}</th>
              {(['accuracy', 'loss'] as const).flatMap((what) =>
                OF.map((where) => (
                  <th key={`${what} ${where}`} scope="col">
                    {say(what)}, {say(where)}
                  </th>
                )),
              )}
            </tr>
          </thead>
          <tbody>
            {curve.map(({ epoch, loss, accuracy, validationLoss, validationAccuracy }) => (
              <tr key={epoch}>
                <th scope="row">{epoch}</th>
                <td>{percent(accuracy)}</td>
                <td>{percent(validationAccuracy)}</td>
                <td>{loss.toFixed(3)}</td>
                <td>{validationLoss.toFixed(3)}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </section>
    </details>
  );
}
