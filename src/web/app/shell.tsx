/** The frame of every page: where one is, where one can go, and in which language. */
import {
  Boxes,
  Camera,
  CodeXml,
  Ellipsis,
  Eye,
  GraduationCap,
  Images,
  type LucideIcon,
  ScanSearch,
  SlidersHorizontal,
  WifiOff,
} from 'lucide-react';
import { type ReactNode, useEffect, useRef, useState } from 'react';
import { Link, useLocation } from 'wouter';
import { Segmented } from '../components/segmented.tsx';
import { useWords } from '../i18n/i18n.ts';
import { changePreferences, usePreferences } from '../preferences/preferences.ts';
import { keepFocus } from './keep-focus.ts';
import { Mark } from './mark.tsx';
import styles from './shell.module.css';
import { shellMessages } from './shell-messages.ts';
import { useServiceAnswers } from './use-service-answers.ts';

type Name = 'classify' | 'see' | 'camera' | 'batch' | 'train' | 'models' | 'api' | 'settings';

interface Place {
  readonly path: string;
  readonly name: Name;
  readonly icon: LucideIcon;
}

const FIRST: readonly Place[] = [
  { path: '/', name: 'classify', icon: ScanSearch },
  { path: '/see', name: 'see', icon: Eye },
  { path: '/camera', name: 'camera', icon: Camera },
  { path: '/batch', name: 'batch', icon: Images },
  { path: '/train', name: 'train', icon: GraduationCap },
];
/** On a phone these are behind "More". */
const FURTHER: readonly Place[] = [
  { path: '/models', name: 'models', icon: Boxes },
  { path: '/api', name: 'api', icon: CodeXml },
  { path: '/settings', name: 'settings', icon: SlidersHorizontal },
];

/** Where nothing but the page itself is to be seen. */
const BARE = ['/exhibition'];

export function Shell({ children }: { readonly children: ReactNode }) {
  const say = useWords(shellMessages);
  const [location] = useLocation();
  const answers = useServiceAnswers();
  if (BARE.includes(location)) return <main id="main">{children}</main>;
  return (
    <div className={styles.shell}>
      <button type="button" className={styles.skip} onClick={() => document.getElementById('main')?.focus()}>
        {say('skip')}
      </button>
      <header className={styles.bar}>
        <Link href="/" className={styles.home}>
          <Mark />
          Kaiyan <span lang="zh-CN">开眼</span>
        </Link>
        <Places key={location} />
        <LanguageChoice />
      </header>
      {/* There before it has something to say, so that it is read out. */}
      <div role="status">
        {!answers && (
          <p className={styles.offline}>
            <WifiOff aria-hidden="true" />
            {say('offline')}
          </p>
        )}
      </div>
      <main id="main" ref={keepFocus} tabIndex={-1} className={styles.main}>
        {children}
      </main>
    </div>
  );
}

function Places() {
  const say = useWords(shellMessages);
  const [location] = useLocation();
  const [open, setOpen] = useState(false);
  const places = useRef<HTMLElement>(null);
  const more = useRef<HTMLButtonElement>(null);
  useEffect(() => {
    if (!open) return;
    const ending = new AbortController();
    const { signal } = ending;
    const close = ({ target }: Event) => {
      if (!(target instanceof Node && places.current?.contains(target))) setOpen(false);
    };
    for (const elsewhere of ['pointerdown', 'focusin']) document.addEventListener(elsewhere, close, { signal });
    const onKey = ({ key }: KeyboardEvent) => {
      if (key !== 'Escape') return;
      setOpen(false);
      more.current?.focus();
    };
    document.addEventListener('keydown', onKey, { signal });
    return () => ending.abort();
  }, [open]);
  const isHere = (path: string) => location === path || (path !== '/' && location.startsWith(`${path}/`));
  const placeOf = ({ path, name, icon: Icon }: Place) => (
    <Link key={path} href={path} className={styles.place} aria-current={isHere(path) ? 'page' : undefined}>
      <Icon aria-hidden="true" />
      {say(name)}
    </Link>
  );
  return (
    <nav ref={places} className={styles.places} aria-label={say('pages')}>
      {FIRST.map(placeOf)}
      <button
        ref={more}
        type="button"
        className={`${styles.place} ${styles.more}`}
        aria-expanded={open}
        data-here={FURTHER.some(({ path }) => isHere(path)) || undefined}
        onClick={() => setOpen(!open)}
      >
        <Ellipsis aria-hidden="true" />
        {say('more')}
      </button>
      <div className={styles.further} data-open={open || undefined}>
        {FURTHER.map(placeOf)}
      </div>
    </nav>
  );
}

function LanguageChoice() {
  const say = useWords(shellMessages);
  const { language } = usePreferences();
  return (
    <Segmented
      label={say('language')}
      value={language}
      options={[
        { value: 'en', label: 'EN', lang: 'en' },
        { value: 'zh', label: '中文', lang: 'zh-CN' },
      ]}
      onChange={(next) => changePreferences({ language: next })}
    />
  );
}
