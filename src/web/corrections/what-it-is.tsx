/** A choice of what a picture shows: a class of the model, or a name that it does not know yet. */
import { useQuery } from '@tanstack/react-query';
import { type FormEvent, type ReactNode, useState } from 'react';
import { call } from '../api/call.ts';
import type { Labels } from '../api/types.ts';
import { Button } from '../components/button.tsx';
import { TextField } from '../components/text-field.tsx';
import { useWords } from '../i18n/i18n.ts';
import { usePreferences } from '../preferences/preferences.ts';
import { correctionMessages } from './messages.ts';
import styles from './not-right.module.css';
import { suggestionsFor } from './suggestions.ts';

interface WhatItIsProps {
  /** NAME@VERSION, whose classes are offered; the active one if undefined. */
  readonly model?: string | undefined;
  /** What it might be, before anything is typed. */
  readonly guesses: readonly string[];
  readonly isWaiting: boolean;
  readonly onSay: (label: string) => void;
  readonly children?: ReactNode;
}

export function WhatItIs({ model, guesses, isWaiting, onSay, children }: WhatItIsProps) {
  const say = useWords(correctionMessages);
  const { language, key } = usePreferences();
  const [typed, setTyped] = useState('');
  const [chosen, setChosen] = useState<string>();
  // Without it, what is typed can be said all the same.
  const { data } = useQuery({
    queryKey: ['labels', model, key],
    queryFn: ({ signal }) => call<Labels>('api/v1/labels', { query: { model }, signal }),
    staleTime: Number.POSITIVE_INFINITY,
  });
  const { classes, newOne } = suggestionsFor(typed, { classes: data?.classes ?? [], guesses, language });
  const offered = newOne === undefined ? classes : [...classes, newOne];
  const label = chosen !== undefined && offered.includes(chosen) ? chosen : undefined;
  const send = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    if (label !== undefined && !isWaiting) onSay(label);
  };
  return (
    <form className={styles.form} onSubmit={send}>
      <TextField
        label={say('search')}
        type="search"
        maxLength={200}
        value={typed}
        onChange={({ currentTarget }) => {
          setTyped(currentTarget.value);
          // Who types a name means it, unless they choose another.
          setChosen(firstOf(currentTarget.value, data?.classes ?? []));
        }}
      />
      {classes.length > 0 && (
        <Choices
          legend={say(typed.trim() === '' ? 'perhaps' : 'found')}
          labels={classes}
          chosen={label}
          onChoose={setChosen}
        />
      )}
      {newOne !== undefined && (
        <>
          <Choices legend={say('newOne')} labels={[newOne]} chosen={label} onChoose={setChosen} />
          {label === newOne && <p className={styles.quiet}>{say('says', { label: newOne })}</p>}
        </>
      )}
      {children}
      <div>
        <Button type="submit" look="primary" disabled={label === undefined} waiting={isWaiting}>
          {label === undefined ? say('chooseFirst') : say('send', { label })}
        </Button>
      </div>
    </form>
  );

  /** The class that is called as what is typed; undefined where that is open. */
  function firstOf(text: string, all: Labels['classes']): string | undefined {
    const { classes: found, newOne: fresh } = suggestionsFor(text, { classes: all, guesses, language });
    if (text.trim() === '') return undefined;
    return fresh === undefined ? found[0] : found.length === 0 ? fresh : undefined;
  }
}

interface ChoicesProps {
  readonly legend: string;
  readonly labels: readonly string[];
  readonly chosen: string | undefined;
  readonly onChoose: (label: string) => void;
}

function Choices({ legend, labels, chosen, onChoose }: ChoicesProps) {
  return (
    <fieldset className={styles.group}>
      <legend>{legend}</legend>
      <div className={styles.choices}>
        {labels.map((label) => (
          <label key={label} className={styles.choice}>
            <input
              type="radio"
              name="what-it-is"
              value={label}
              checked={label === chosen}
              onChange={() => onChoose(label)}
            />
            <span>{label}</span>
          </label>
        ))}
      </div>
    </fieldset>
  );
}
