/** The particulars of a model, and where it comes from. */
import type { ReactNode } from 'react';
import type { Model, Models } from '../../api/types.ts';
import { bytes } from '../../components/format.ts';
import { usePercent } from '../../components/use-percent.ts';
import { useWords } from '../../i18n/i18n.ts';
import type { ModelSummary, Precision } from './choice.ts';
import { modelsMessages } from './messages.ts';
import styles from './page.module.css';

interface ModelFactsProps {
  readonly summary: ModelSummary;
  /** Undefined until it is known. */
  readonly model: Model | undefined;
  readonly precision: Precision;
  /** What there is of it in memory. */
  readonly memory: Models['loaded'][number] | undefined;
}

export function ModelFacts({ summary, model, precision, memory }: ModelFactsProps) {
  const say = useWords(modelsMessages);
  const percent = usePercent();
  const { input, classes, files } = summary;
  const { parameters, architecture, quantization } = model ?? {};
  return (
    <>
      <dl className={styles.facts}>
        <Fact name={say('input')}>{say('pixels', input)}</Fact>
        <Fact name={say('classes')}>{say('classesCount', { count: classes })}</Fact>
        {parameters !== undefined && (
          <Fact name={say('parameters')}>
            {say('number', { millions: (parameters / 1e6).toFixed(1), tenThousands: Math.round(parameters / 1e4) })}
          </Fact>
        )}
        {architecture && <Fact name={say('architecture')}>{architecture}</Fact>}
        {quantization && (
          <Fact name={say('agreement')}>
            {say('agreementOf', { share: percent(quantization.agreement), pictures: quantization.pictures })}
          </Fact>
        )}
        {memory && <Fact name={say('inMemory')}>{bytes(memory.memoryBytes)}</Fact>}
        {memory && <Fact name={say('answered')}>{say('answeredCount', { count: memory.requests })}</Fact>}
      </dl>
      {model && (
        <details className={styles.more}>
          <summary>{say('more')}</summary>
          <dl className={styles.facts}>
            {(['package', 'url', 'file', 'model'] as const).map((origin) => {
              const where = model.source[origin];
              return (
                where && (
                  <Fact key={origin} name={say(origin)}>
                    <code>{where}</code>
                  </Fact>
                )
              );
            })}
            <Fact name={say('sha256')}>
              <code>{model.source.sha256}</code>
            </Fact>
            <Fact name={say('digest')}>
              <code>{files.find((file) => file.precision === precision)?.digest}</code>
            </Fact>
            {model.source.note && (
              <Fact name={say('note')}>
                <span lang="en">{model.source.note}</span>
              </Fact>
            )}
          </dl>
        </details>
      )}
    </>
  );
}

function Fact({ name, children }: { readonly name: string; readonly children: ReactNode }) {
  return (
    <div>
      <dt>{name}</dt>
      <dd>{children}</dd>
    </div>
  );
}
