/** The example pictures, to begin with one of them. */
import { useDeed } from '../api/use-deed.ts';
import { Problem } from '../components/problem.tsx';
import { useWords } from '../i18n/i18n.ts';
import styles from './example-choice.module.css';
import { type Example, exampleFile, exampleMessages, examples } from './examples.ts';

export function ExampleChoice({ onFile }: { readonly onFile: (file: File) => void }) {
  const say = useWords(exampleMessages);
  const fetching = useDeed({ mutationFn: exampleFile, onSuccess: onFile });
  return (
    <>
      <ul className={styles.examples} aria-label={say('examples')}>
        {examples.map((example) => (
          <li key={example.name}>
            <ExampleButton example={example} onChoose={() => fetching.mutate(example)} />
          </li>
        ))}
      </ul>
      {fetching.isError && <Problem error={fetching.error} onRetry={() => fetching.mutate(fetching.variables)} />}
    </>
  );
}

function ExampleButton({ example, onChoose }: { readonly example: Example; readonly onChoose: () => void }) {
  const say = useWords(exampleMessages);
  return (
    <button type="button" className={styles.example} onClick={onChoose}>
      <img src={example.small} alt="" width="240" height="160" loading="lazy" />
      <span>{say(example.name)}</span>
    </button>
  );
}
