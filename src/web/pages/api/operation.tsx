/** One call: what it is for, the means to try it, and what comes back. */
import { useState } from 'react';
import { useWords } from '../../i18n/i18n.ts';
import { BodyField, firstDraft } from './body-field.tsx';
import { Method } from './calls.tsx';
import { apiMessages } from './messages.ts';
import { errorsOf, isOpen, manages, type OpenApi, type Operation } from './openapi.ts';
import styles from './page.module.css';
import { ParameterField } from './parameter-field.tsx';
import { Program } from './program.tsx';
import { ReplyView } from './reply-view.tsx';
import { type Draft, missingIn, pathOf, type Values } from './request.ts';
import { SchemaTree } from './schema-tree.tsx';
import { shapeOf } from './shape.ts';
import { TrialButtons, useTrial } from './trial.tsx';
import { Words } from './words.tsx';

interface OperationViewProps {
  readonly operation: Operation;
  readonly schemas: OpenApi['components']['schemas'];
}

/** Give it a `key` of the operation's id. */
export function OperationView({ operation, schemas }: OperationViewProps) {
  const say = useWords(apiMessages);
  const [values, setValues] = useState<Values>({});
  const [draft, setDraft] = useState<Draft>(() => firstDraft(operation, schemas));
  const trial = useTrial(operation, values, draft);
  const missing = missingIn(operation, values, draft).map((name) => name ?? say('body'));
  const { method, path, summary = path, description, parameters = [], requestBody } = operation;
  return (
    <article className={styles.operation}>
      <header className={styles.head}>
        <h2 tabIndex={-1}>
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
          <TrialButtons trial={trial} missing={missing} />
        </div>
        <div className={styles.outcome}>
          {trial.reply && <ReplyView reply={trial.reply} path={pathOf(operation, values)} />}
          <Program operation={operation} values={values} draft={draft} />
        </div>
      </div>
      <Answers operation={operation} schemas={schemas} />
    </article>
  );
}

function Answers({ operation, schemas }: OperationViewProps) {
  const say = useWords(apiMessages);
  const answers = Object.entries(operation.responses).filter(([status]) => Number(status) < 400);
  return (
    <>
      <section className={styles.part}>
        <h3>{say('answers')}</h3>
        {answers.map(([status, { description, content = {} }], at) => (
          <details key={status} open={at === 0}>
            <summary>
              <strong>{status}</strong> <Words text={description} />
            </summary>
            {Object.entries(content).map(([type, { schema }]) => (
              <div key={type}>
                <p className={styles.quiet}>
                  <code>{type}</code>
                </p>
                <SchemaTree shape={shapeOf(schema, schemas)} />
              </div>
            ))}
          </details>
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
