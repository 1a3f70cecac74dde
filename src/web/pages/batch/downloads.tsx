/** All results as a file, in the format that is chosen. */
import { Download } from 'lucide-react';
import { useState } from 'react';
import { Menu } from '../../components/menu.tsx';
import { Problem } from '../../components/problem.tsx';
import { save, saveFrom } from '../../components/save-file.ts';
import { useWords } from '../../i18n/i18n.ts';
import { asksWithoutKey, usePreferences } from '../../preferences/preferences.ts';
import { addressOfDownload, download, type Format, nameOfDownload } from './download.ts';
import { batchMessages } from './messages.ts';

const FORMATS: readonly Format[] = ['csv', 'jsonl', 'json'];

export function Downloads({ id }: { readonly id: string }) {
  const say = useWords(batchMessages);
  const isOpen = asksWithoutKey(usePreferences());
  const [failed, setFailed] = useState<{ readonly error: unknown; readonly format: Format }>();
  const take = async (format: Format) => {
    setFailed(undefined);
    const name = nameOfDownload(id, format);
    // A link cannot send the key, but takes files of any size.
    if (isOpen && format !== 'json') return saveFrom(addressOfDownload(id, format), name);
    try {
      save(await download(id, format), name);
    } catch (error) {
      setFailed({ error, format });
    }
  };
  return (
    <>
      <Menu
        label={say('download')}
        icon={Download}
        items={FORMATS.map((format) => ({ label: say(format), onChoose: () => void take(format) }))}
      />
      {failed && <Problem error={failed.error} onRetry={() => void take(failed.format)} />}
    </>
  );
}
