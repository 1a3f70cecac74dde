/** The answer, and the request that gives it, to paste into a program. */
import { Copy } from 'lucide-react';
import { pictureHeaders } from '../../api/call.ts';
import { useService } from '../../api/service.ts';
import { SOME_KEY, snippetsFor } from '../../api/snippets.ts';
import type { Classification } from '../../api/types.ts';
import { copyText } from '../../components/clipboard.ts';
import { Menu } from '../../components/menu.tsx';
import { useNotice } from '../../components/toast.tsx';
import { useWords } from '../../i18n/i18n.ts';
import type { Picture } from '../../pictures/collection.ts';
import { usePreferences } from '../../preferences/preferences.ts';
import { classifyMessages } from './messages.ts';

interface SnippetsProps {
  readonly picture: Picture;
  readonly classification: Classification;
}

export default function Snippets({ picture: { file }, classification }: SnippetsProps) {
  const say = useWords(classifyMessages);
  const notice = useNotice();
  const { language, top, threshold } = usePreferences();
  const { data: service } = useService();
  const { curl, python, javascript } = snippetsFor({
    method: 'POST',
    url: new URL('api/v1/classify', document.baseURI).href,
    query: { lang: language, top, threshold },
    headers: service?.needsKey ? { Authorization: `Bearer ${SOME_KEY}` } : {},
    body: { kind: 'file', name: file.name, type: pictureHeaders(file)['Content-Type'] },
  });
  const texts = { JSON: JSON.stringify(classification, null, 2), curl, Python: python, JavaScript: javascript };
  const copy = async (what: string, text: string) =>
    notice((await copyText(text)) ? say('copied', { what }) : say('cannotCopy'));
  const items = Object.entries(texts).map(([label, text]) => ({ label, onChoose: () => void copy(label, text) }));
  return <Menu label={say('copy')} icon={Copy} items={items} />;
}
