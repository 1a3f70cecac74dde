/** What came back: its status, how long it took, its headers, and what is in it. */
import { Download } from 'lucide-react';
import { Link } from 'wouter';
import { ButtonLink } from '../../components/button-link.tsx';
import { bytes, milliseconds } from '../../components/format.ts';
import { useObjectUrl } from '../../components/object-url.ts';
import { useWords } from '../../i18n/i18n.ts';
import { CodeBlock } from './code-block.tsx';
import { MOST_SHOWN, type Reply, readable } from './exchange.ts';
import { apiMessages } from './messages.ts';
import styles from './page.module.css';

interface ReplyViewProps {
  readonly reply: Reply;
  /** Of the call, for the name of a download. */
  readonly path: string;
}

export function ReplyView({ reply, path }: ReplyViewProps) {
  const say = useWords(apiMessages);
  const { status, statusText, headers, ms, type, body } = reply;
  const url = useObjectUrl(body ?? undefined);
  const text = readable(reply);
  const wantsKey = /"(UNAUTHORIZED|MANAGEMENT_REFUSED)"/.test(status === 401 || status === 403 ? text : '');
  return (
    <div className={styles.reply}>
      <p className={styles.line} role="status">
        <strong className={styles.status} data-refused={status >= 400 || undefined}>
          {status} <span lang="en">{statusText}</span>
        </strong>
        <span className={styles.quiet}>{say('came', { time: milliseconds(ms), size: bytes(reply.bytes) })}</span>
      </p>
      {wantsKey && (
        <p>
          {say('keyRefused')} <Link href="/settings">{say('toSettings')}</Link>
        </p>
      )}
      {text !== '' && <CodeBlock label={say('answer')} text={text.slice(0, MOST_SHOWN)} />}
      {text.length > MOST_SHOWN && <p className={styles.quiet}>{say('shortened')}</p>}
      {body && body.size === 0 && <p className={styles.quiet}>{say('noBody')}</p>}
      {url && type.startsWith('image/') && <img className={styles.picture} src={url} alt={say('pictureCame')} />}
      {url && body && body.size > 0 && (
        <div>
          <ButtonLink icon={Download} href={url} download={downloadName(path, type)}>
            {say('download')}
          </ButtonLink>
        </div>
      )}
      <details>
        <summary>{say('headers')}</summary>
        <dl className={styles.headers}>
          {headers.map(([name, value]) => (
            <div key={name}>
              <dt>
                <code>{name}</code>
              </dt>
              <dd>
                <code>{value}</code>
              </dd>
            </div>
          ))}
        </dl>
      </details>
    </div>
  );
}

const ENDINGS: Readonly<Record<string, string>> = {
  'application/json': 'json',
  'text/plain': 'txt',
  'text/event-stream': 'txt',
  'image/jpeg': 'jpg',
  'image/png': 'png',
};

/** `results.csv`, or `classify.json`. */
function downloadName(path: string, type: string): string {
  const last = path.split('/').at(-1) ?? 'answer';
  return last.includes('.') ? last : `${last}.${ENDINGS[type] ?? 'bin'}`;
}
