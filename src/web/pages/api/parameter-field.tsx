/** A parameter: what it means, and a field for it. */
import { useId } from 'react';
import fields from '../../components/field.module.css';
import { type Say, useWords } from '../../i18n/i18n.ts';
import { apiMessages } from './messages.ts';
import type { Parameter } from './openapi.ts';
import styles from './page.module.css';
import { ShapeWords } from './schema-tree.tsx';
import { type Shape, shapeOf } from './shape.ts';
import { Words } from './words.tsx';

interface ParameterFieldProps {
  readonly parameter: Parameter;
  readonly value: string;
  readonly onChange: (value: string) => void;
}

export function ParameterField({ parameter, value, onChange }: ParameterFieldProps) {
  const say = useWords(apiMessages);
  const id = useId();
  const { name, required, description, schema } = parameter;
  const shape = shapeOf(schema, {});
  const usual = schema.default === undefined ? '' : String(schema.default);
  return (
    <div className={fields.field}>
      <div className={styles.name}>
        <label htmlFor={id}>
          <code>{name}</code>
        </label>
        <span className={styles.quiet}>
          <ShapeWords shape={shape} />
        </span>
        {required && <span className={styles.required}>{say('required')}</span>}
      </div>
      {(description || usual) && (
        <p id={`${id}-about`} className={styles.quiet}>
          {description && <Words text={description} />} {usual && say('usually', { value: usual })}
        </p>
      )}
      <Field {...{ id, shape, value, onChange, required, described: Boolean(description || usual), usual, say }} />
    </div>
  );
}

interface FieldProps {
  readonly id: string;
  readonly shape: Shape;
  readonly value: string;
  readonly onChange: (value: string) => void;
  readonly required: boolean | undefined;
  readonly described: boolean;
  readonly usual: string;
  readonly say: Say<(typeof apiMessages)['en']>;
}

function Field({ id, shape, value, onChange, required, described, usual, say }: FieldProps) {
  const shared = {
    id,
    className: fields.input,
    'aria-describedby': described ? `${id}-about` : undefined,
    value,
    onChange: ({ currentTarget }: { readonly currentTarget: { readonly value: string } }) =>
      onChange(currentTarget.value),
  };
  const values = shape.type === 'yes-no' ? ['true', 'false'] : shape.values.map((one) => String(JSON.parse(one)));
  if (values.length > 0)
    return (
      <select {...shared}>
        <option value="">{say('notGiven')}</option>
        {values.map((one) => (
          <option key={one}>{one}</option>
        ))}
      </select>
    );
  const isNumber = shape.type === 'integer' || shape.type === 'number';
  return (
    <input
      {...shared}
      type={isNumber ? 'number' : 'text'}
      {...(isNumber && { min: shape.least, max: shape.most, step: shape.type === 'integer' ? 1 : 'any' })}
      placeholder={usual}
      aria-required={required}
      autoComplete="off"
      spellCheck={false}
    />
  );
}
