/** A key or a token: hidden unless its owner wants to see it. */
import { Eye, EyeOff } from 'lucide-react';
import { type ReactNode, useId, useState } from 'react';
import { messages, useWords } from '../i18n/i18n.ts';
import { IconButton } from './button.tsx';
import styles from './field.module.css';

const secretMessages = messages(
  'secret',
  {
    show: 'Show {{what}}',
    hide: 'Hide {{what}}',
    characters: 'Only letters without accents, digits, spaces and the usual signs can be part of it.',
  },
  { show: '显示{{what}}', hide: '隐藏{{what}}', characters: '只能包含英文字母、数字、空格和常用符号。' },
);

/** A header takes no other characters. */
const SENDABLE = /^[ -~]*$/;

interface SecretFieldProps {
  readonly label: string;
  readonly value: string;
  /** Only of what can be sent. */
  readonly onChange: (value: string) => void;
  /** What stands beside it. */
  readonly children?: ReactNode;
}

export function SecretField({ label, value, onChange, children }: SecretFieldProps) {
  const say = useWords(secretMessages);
  const id = useId();
  const [shown, setShown] = useState(false);
  const [refused, setRefused] = useState(false);
  return (
    <div className={styles.field}>
      <label htmlFor={id} className={styles.label}>
        {label}
      </label>
      <div className={styles.row}>
        <span className={styles.secret}>
          <input
            id={id}
            className={styles.input}
            type={shown ? 'text' : 'password'}
            autoComplete="off"
            autoCapitalize="none"
            spellCheck={false}
            value={value}
            aria-describedby={refused ? `${id}-refused` : undefined}
            onChange={({ currentTarget }) => {
              const sendable = SENDABLE.test(currentTarget.value);
              setRefused(!sendable);
              if (sendable) onChange(currentTarget.value);
            }}
          />
          <IconButton
            icon={shown ? EyeOff : Eye}
            label={say(shown ? 'hide' : 'show', { what: label })}
            onClick={() => setShown(!shown)}
          />
        </span>
        {children}
      </div>
      {refused && (
        <p id={`${id}-refused`} role="alert">
          {say('characters')}
        </p>
      )}
    </div>
  );
}
