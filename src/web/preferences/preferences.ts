/** What people choose about the page; kept in the browser, keys only until its tab is closed. */
import { useSyncExternalStore } from 'react';

export type Language = 'en' | 'zh';
type Theme = 'system' | 'light' | 'dark';

export interface Preferences {
  readonly language: Language;
  readonly theme: Theme;
  /** Predictions shown for a picture. */
  readonly top: number;
  /** 0..1, from which a class or a group is named; null leaves it to the service. */
  readonly threshold: number | null;
  /** Trainings whose new model was not wanted, by their ids; the newest decision first. */
  readonly presentKept: readonly string[];
  /** Empty for none. */
  readonly key: string;
  /** For what manages the service; empty for none. */
  readonly adminToken: string;
}

export const FEWEST_TOP = 1;
export const MOST_TOP = 10;

/** Nobody goes back to more. */
const MOST_PRESENT_KEPT = 100;

const STORED = 'kaiyan.preferences';
const KEY = 'kaiyan.key';
const ADMIN_TOKEN = 'kaiyan.adminToken';

const listeners = new Set<() => void>();
let current = read();

export const preferences = (): Preferences => current;

export function changePreferences(change: Partial<Preferences>): void {
  current = { ...current, ...change };
  const { key, adminToken, ...kept } = current;
  write('localStorage', STORED, JSON.stringify(kept));
  write('sessionStorage', KEY, key);
  write('sessionStorage', ADMIN_TOKEN, adminToken);
  tell();
}

/** The new model of a training is not wanted: whoever said so is not asked again. */
export function keepPresent(training: string): void {
  const others = current.presentKept.filter((one) => one !== training);
  changePreferences({ presentKept: [training, ...others].slice(0, MOST_PRESENT_KEPT) });
}

// What is chosen in another tab holds here too: else the next change here would bring back what was there before.
globalThis.addEventListener?.('storage', ({ key }) => {
  if (key !== STORED) return;
  current = read();
  tell();
});

function tell(): void {
  for (const listener of listeners) listener();
}

/** As for somebody who comes for the first time. */
export const resetPreferences = (): void => changePreferences(preferencesFrom({}, '', ''));

export function onPreferences(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

/** Whether nothing is sent along that an image or a link could not send. */
export const asksWithoutKey = ({ key, adminToken }: Preferences): boolean => key === '' && adminToken === '';

export const usePreferences = (): Preferences => useSyncExternalStore(onPreferences, preferences);

function read(): Preferences {
  const kept = parse(load('localStorage', STORED));
  return preferencesFrom(kept, load('sessionStorage', KEY), load('sessionStorage', ADMIN_TOKEN));
}

function preferencesFrom(kept: Record<string, unknown>, key: string, adminToken: string): Preferences {
  const { language, theme, top, threshold, presentKept } = kept;
  return {
    language: language === 'en' || language === 'zh' ? language : languageOfBrowser(),
    theme: theme === 'light' || theme === 'dark' ? theme : 'system',
    top: typeof top === 'number' && top >= FEWEST_TOP && top <= MOST_TOP ? Math.floor(top) : 5,
    threshold: typeof threshold === 'number' && threshold >= 0 && threshold <= 1 ? threshold : null,
    presentKept: Array.isArray(presentKept) ? presentKept.filter((one) => typeof one === 'string') : [],
    key,
    adminToken,
  };
}

function languageOfBrowser(): Language {
  return globalThis.navigator?.language.toLowerCase().startsWith('zh') ? 'zh' : 'en';
}

function parse(text: string): Record<string, unknown> {
  try {
    const parsed: unknown = JSON.parse(text);
    return typeof parsed === 'object' && parsed !== null ? (parsed as Record<string, unknown>) : {};
  } catch {
    return {};
  }
}

type Storage = 'localStorage' | 'sessionStorage';

/** Storage can be forbidden or full; then what was chosen lasts until the page is left. */
function load(storage: Storage, name: string): string {
  try {
    return globalThis[storage].getItem(name) ?? '';
  } catch {
    return '';
  }
}

function write(storage: Storage, name: string, value: string): void {
  try {
    globalThis[storage].setItem(name, value);
  } catch {
    return;
  }
}
