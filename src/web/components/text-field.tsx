/** A line of text: its label above it, and below it what is to be known of it. */
import { type ComponentProps, useId, useState } from 'react';
import { messages, useWords } from '../i18n/i18n.ts';
import styles from './field.module.css';

interface TextFieldProps extends Omit<ComponentProps<'input'>, 'id' | 'className'> {
  readonly label: string;
  readonly note?: string | undefined;
}

const fieldMessages = messages(
  'field',
  { full: 'Full: it takes at most {{most}} characters.' },
  { full: '已满：最多 {{most}} 个字符。' },
);

export function TextField({ label, note, onChange, ...input }: TextFieldProps) {
  const say = useWords(fieldMessages);
  const id = useId();
  const { maxLength } = input;
  /** The browser cuts what is pasted, and says nothing. */
  const [isFull, setFull] = useState(false);
  return (
    <div className={styles.field}>
      <label htmlFor={id} className={styles.label}>
        {label}
      </label>
      <input
        id={id}
        className={styles.input}
        autoComplete="off"
        aria-describedby={note === undefined ? undefined : `${id}-note`}
        {...input}
        onChange={(event) => {
          setFull(maxLength !== undefined && event.currentTarget.value.length >= maxLength);
          onChange?.(event);
        }}
      />
      {note !== undefined && (
        <p id={`${id}-note`} className={styles.note}>
          {note}
        </p>
      )}
      <p role="status" className={isFull ? styles.note : 'visually-hidden'}>
        {isFull && say('full', { most: maxLength ?? 0 })}
      </p>
    </div>
  );
}
