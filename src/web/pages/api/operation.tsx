/** One call: what it is for, the means to try it, and what comes back. */
import { useEffect, useRef, useState } from 'react';
import { useWords } from '../../i18n/i18n.ts';
import { BodyField, firstDraft } from './body-field.tsx';
import { Method } from './calls.tsx';
import { apiMessages } from './messages.ts';
import { errorsOf, isOpen, manages, type OpenApi, type Operation } from './openapi.ts';
import styles from './page.module.css';
import { ParameterField } from './parameter-field.tsx';
import { Program } from './program.tsx';
import type { Draft, Values } from './request.ts';
import { SchemaTree } from './schema-tree.tsx';
import { shapeOf } from './shape.ts';
import { Trial } from './trial.tsx';
import { Words } from './words.tsx';

interface OperationViewProps {
  readonly operation: Operation;
  readonly schemas: OpenApi['components']['schemas'];
}

/** Give it a `key` of the operation's id. */
export function OperationView({ operation, schemas }: OperationViewProps) {
  const say = useWords(apiMessages);
  const heading = useFocusedHeading();
  const [values, setValues] = useState<Values>({});
  const [draft, setDraft] = useState<Draft>(() => firstDraft(operation, schemas));
  const { method, path, summary = path, description, parameters = [], requestBody } = operation;
  return (
    <article className={styles.operation}>
      <header className={styles.head}>
        <h2 ref={heading} tabIndex={-1}>
          <Words text={summary} />
        </h2>
        <p className={styles.line}>
          <Method method={method} /> <code>{path}</code>
        </p>
        {description && (
          <p>
            <Words text={description} />
          </p>
        )}
        {(isOpen(operation) || manages(operation)) && (
          <p className={styles.quiet}>{say(isOpen(operation) ? 'open' : 'manages')}</p>
        )}
      </header>
      <div className={styles.bench}>
        <div className={styles.filling}>
          {parameters.length > 0 && (
            <section className={styles.part}>
              <h3>{say('parameters')}</h3>
              {parameters.map((parameter) => (
                <ParameterField
                  key={parameter.name}
                  parameter={parameter}
                  value={values[parameter.name] ?? ''}
                  onChange={(value) => setValues({ ...values, [parameter.name]: value })}
                />
              ))}
            </section>
          )}
          {requestBody && (
            <section className={styles.part}>
              <h3>{say('body')}</h3>
              <BodyField operation={operation} schemas={schemas} draft={draft} onChange={setDraft} />
            </section>
          )}
          <Trial operation={operation} values={values} draft={draft} />
        </div>
        <Program operation={operation} values={values} draft={draft} />
      </div>
      <Answers operation={operation} schemas={schemas} />
    </article>
  );
}

/** Who goes from one call to the next hears which one it is; who comes to the page is told that first. */
function useFocusedHeading() {
  const heading = useRef<HTMLHeadingElement>(null);
  useEffect(() => {
    if (document.activeElement?.closest('nav')) heading.current?.focus({ preventScroll: true });
    heading.current?.closest('article')?.scrollIntoView({ block: 'nearest' });
  }, []);
  return heading;
}

function Answers({ operation, schemas }: OperationViewProps) {
  const say = useWords(apiMessages);
  const answers = Object.entries(operation.responses).filter(([status]) => Number(status) < 400);
  return (
    <>
      <section className={styles.part}>
        <h3>{say('answers')}</h3>
        {answers.map(([status, { description, content = {} }]) => (
          <div key={status} className={styles.answer}>
            <p>
              <strong>{status}</strong> <Words text={description} />
            </p>
            {Object.entries(content).map(([type, { schema }]) => (
              <div key={type}>
                <p className={styles.quiet}>
                  <code>{type}</code>
                </p>
                <SchemaTree shape={shapeOf(schema, schemas)} />
              </div>
            ))}
          </div>
        ))}
      </section>
      <section className={styles.part}>
        <h3>{say('errors')}</h3>
        <dl className={styles.errors}>
          {errorsOf(operation).map(({ status, codes }) => (
            <div key={status}>
              <dt>{status}</dt>
              <dd>
                {codes.map((code) => (
                  <code key={code}>{code}</code>
                ))}
              </dd>
            </div>
          ))}
        </dl>
      </section>
    </>
  );
}
