/** The words of the page, in English and Chinese. Each part keeps its own in a file `messages.ts` beside it. */
import i18n from 'i18next';
import { useCallback } from 'react';
import { initReactI18next, useTranslation } from 'react-i18next';
import { onPreferences, preferences } from '../preferences/preferences.ts';

type Words = Readonly<Record<string, string>>;

/** Chinese has no singular of its own, so keys that end in `_one` are English only. */
type SameIn<English extends Words> = {
  readonly [Key in keyof English as Key extends `${string}_one` ? never : Key]: string;
};

export interface Messages<English extends Words = Words> {
  readonly namespace: string;
  readonly en: English;
  readonly zh: SameIn<English>;
}

/** `files` for `files_one` and `files_other`. */
type KeyOf<English> = keyof English extends infer Key
  ? Key extends `${infer Counted}_one` | `${infer Counted}_other`
    ? Counted
    : Key
  : never;

/** A sentence; `values` fill its `{{places}}`, and `count` chooses between singular and plural. */
export type Say<English> = (key: KeyOf<English> & string, values?: Readonly<Record<string, string | number>>) => string;

/** The words of one part, by a name of its own: every English one, and its Chinese. */
export function messages<const English extends Words>(
  namespace: string,
  en: English,
  zh: SameIn<English>,
): Messages<English> {
  i18n.addResourceBundle('en', namespace, en);
  i18n.addResourceBundle('zh', namespace, zh);
  return { namespace, en, zh };
}

/** `const say = useWords(cameraMessages); say('start')`. */
export function useWords<English extends Words>({ namespace }: Messages<English>): Say<English> {
  const { t } = useTranslation(namespace);
  return useCallback((key, values) => t(key, { ...values }), [t]);
}

// At once, so that the parts can add their words as they are loaded.
void i18n.use(initReactI18next).init({
  lng: preferences().language,
  fallbackLng: 'en',
  resources: {},
  // React escapes by itself.
  interpolation: { escapeValue: false },
  keySeparator: false,
  nsSeparator: false,
  initAsync: false,
});
onPreferences(() => {
  if (i18n.language !== preferences().language) void i18n.changeLanguage(preferences().language);
});
