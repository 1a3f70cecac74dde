/** Shares in percent, in the language of the page. */
import { useCallback } from 'react';
import { usePreferences } from '../preferences/preferences.ts';
import { percent } from './format.ts';

export function usePercent(): (share: number, digits?: number) => string {
  const { language } = usePreferences();
  return useCallback((share, digits) => percent(share, language, digits), [language]);
}
