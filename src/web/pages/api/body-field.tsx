/** What is sent along: files, or JSON to be typed. */
import { FilePlus } from 'lucide-react';
import { useId } from 'react';
import { FileButton } from '../../components/button.tsx';
import fields from '../../components/field.module.css';
import { useWords } from '../../i18n/i18n.ts';
import { ExampleChoice } from '../../pictures/example-choice.tsx';
import { apiMessages } from './messages.ts';
import type { OpenApi, Operation } from './openapi.ts';
import styles from './page.module.css';
import { type Draft, FORM, fileFieldOf, JSON_TYPE } from './request.ts';
import { SchemaTree } from './schema-tree.tsx';
import { exampleOf, shapeOf } from './shape.ts';

type Schemas = OpenApi['components']['schemas'];

const typesOf = ({ requestBody }: Operation): readonly string[] => Object.keys(requestBody?.content ?? {});

/** Where a call takes JSON among other things, something that fits. */
export function firstDraft(operation: Operation, schemas: Schemas): Draft {
  const schema = operation.requestBody?.content[JSON_TYPE]?.schema;
  const text = schema ? JSON.stringify(exampleOf(shapeOf(schema, schemas)), null, 2) : '';
  return { type: typesOf(operation)[0] ?? '', files: [], text };
}

interface BodyFieldProps {
  readonly operation: Operation;
  readonly schemas: Schemas;
  readonly draft: Draft;
  readonly onChange: (draft: Draft) => void;
}

export function BodyField({ operation, schemas, draft, onChange }: BodyFieldProps) {
  const say = useWords(apiMessages);
  const id = useId();
  const types = typesOf(operation);
  return (
    <>
      {types.length > 1 ? (
        <div className={fields.field}>
          <label htmlFor={id}>{say('bodyType')}</label>
          <select
            id={id}
            className={fields.input}
            value={draft.type}
            onChange={({ currentTarget }) => onChange({ ...draft, type: currentTarget.value })}
          >
            {types.map((type) => (
              <option key={type}>{type}</option>
            ))}
          </select>
        </div>
      ) : (
        <p className={styles.quiet}>
          <code>{draft.type}</code>
        </p>
      )}
      {draft.type === JSON_TYPE ? (
        <JsonField operation={operation} schemas={schemas} draft={draft} onChange={onChange} />
      ) : (
        <FilesField operation={operation} draft={draft} onChange={onChange} />
      )}
    </>
  );
}

function JsonField({ operation, schemas, draft, onChange }: BodyFieldProps) {
  const say = useWords(apiMessages);
  const id = useId();
  const schema = operation.requestBody?.content[JSON_TYPE]?.schema;
  return (
    <div className={fields.field}>
      <label htmlFor={id} className="visually-hidden">
        {say('json')}
      </label>
      <textarea
        id={id}
        className={`${fields.input} ${styles.json}`}
        rows={draft.text.split('\n').length + 1}
        spellCheck={false}
        value={draft.text}
        aria-describedby={`${id}-wrong`}
        onChange={({ currentTarget }) => onChange({ ...draft, text: currentTarget.value })}
      />
      <p id={`${id}-wrong`} className={styles.wrong} role="status">
        {!isJson(draft.text) && say('jsonWrong')}
      </p>
      {schema && <SchemaTree shape={shapeOf(schema, schemas)} />}
    </div>
  );
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

function FilesField({ operation, draft, onChange }: Omit<BodyFieldProps, 'schemas'>) {
  const say = useWords(apiMessages);
  const { name, several } = fileFieldOf(operation);
  const isForm = draft.type === FORM;
  const take = (files: readonly File[]) => onChange({ ...draft, files: isForm && several ? files : files.slice(0, 1) });
  const takesPictures = isForm || ['image/*', 'application/octet-stream'].includes(draft.type);
  return (
    <>
      {isForm && (
        <p className={styles.name}>
          <code>{name}</code>
        </p>
      )}
      <div>
        <FileButton
          icon={FilePlus}
          label={say(isForm && several ? 'chooseFiles' : 'chooseFile')}
          multiple={isForm && several}
          onFiles={take}
        />
      </div>
      {takesPictures && (
        <div className={styles.examples}>
          <p className={styles.quiet}>{say('example')}</p>
          <ExampleChoice onFile={(file) => take([file])} />
        </div>
      )}
      <p role="status" className={styles.files}>
        {draft.files.length === 0
          ? say('noFile')
          : say('files', { count: draft.files.length, names: draft.files.map((file) => file.name).join(', ') })}
      </p>
    </>
  );
}
