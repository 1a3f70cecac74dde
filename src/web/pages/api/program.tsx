/** The call as a program, as it is filled in. */
import { Copy } from 'lucide-react';
import { useState } from 'react';
import { useService } from '../../api/service.ts';
import { SOME_KEY, snippetsFor } from '../../api/snippets.ts';
import { IconButton } from '../../components/button.tsx';
import { copyText } from '../../components/clipboard.ts';
import { Segmented } from '../../components/segmented.tsx';
import { useNotice } from '../../components/toast.tsx';
import { useWords } from '../../i18n/i18n.ts';
import { CodeBlock } from './code-block.tsx';
import { apiMessages } from './messages.ts';
import { isOpen, manages, type Operation } from './openapi.ts';
import styles from './page.module.css';
import { type Draft, snippetCallOf, type Values } from './request.ts';

const LANGUAGES = { curl: 'curl', python: 'Python', javascript: 'JavaScript' } as const;
type Language = keyof typeof LANGUAGES;

interface ProgramProps {
  readonly operation: Operation;
  readonly values: Values;
  readonly draft: Draft;
}

export function Program({ operation, values, draft }: ProgramProps) {
  const say = useWords(apiMessages);
  const notice = useNotice();
  const { data: service } = useService();
  const [language, setLanguage] = useState<Language>('curl');
  const wantsToken = manages(operation) && service?.management === 'token';
  const wantsKey = !isOpen(operation) && service?.needsKey === true;
  const key = wantsToken ? 'YOUR_ADMIN_TOKEN' : wantsKey ? SOME_KEY : undefined;
  const base = new URL('.', document.baseURI).href;
  const program = snippetsFor(snippetCallOf(operation, values, draft, { base, key }))[language];
  const copy = async () =>
    notice((await copyText(program)) ? say('copied', { what: LANGUAGES[language] }) : say('cannotCopy'));
  return (
    <section className={styles.program} aria-label={say('code')}>
      <div className={styles.programHead}>
        <Segmented
          label={say('language')}
          value={language}
          options={Object.entries(LANGUAGES).map(([value, label]) => ({ value: value as Language, label, lang: 'en' }))}
          onChange={setLanguage}
        />
        <IconButton icon={Copy} label={say('copy')} onClick={() => void copy()} />
      </div>
      <CodeBlock label={LANGUAGES[language]} text={program} />
    </section>
  );
}
