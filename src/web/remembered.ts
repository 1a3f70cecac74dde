/** What the browser keeps for the page: the language for good, the key until the tab is closed. */
import type { Language } from './messages.js';

const LANGUAGE = 'kaiyan.language';
const KEY = 'kaiyan.key';

/** The one chosen here before, else the browser's. */
export function language(): Language {
  const chosen = read('localStorage', LANGUAGE);
  if (chosen === 'en' || chosen === 'zh') return chosen;
  return /^zh\b/i.test(navigator.language) ? 'zh' : 'en';
}

export const rememberLanguage = (chosen: Language): void => write('localStorage', LANGUAGE, chosen);

export const key = (): string => read('sessionStorage', KEY) ?? '';
export const rememberKey = (given: string): void => write('sessionStorage', KEY, given);

/** For browsers that forbid pages to keep anything. */
const inMemory = new Map<string, string>();

function read(storage: 'localStorage' | 'sessionStorage', name: string): string | null {
  try {
    return window[storage].getItem(name);
  } catch {
    return inMemory.get(name) ?? null;
  }
}

function write(storage: 'localStorage' | 'sessionStorage', name: string, value: string): void {
  try {
    window[storage].setItem(name, value);
  } catch {
    inMemory.set(name, value);
  }
}
