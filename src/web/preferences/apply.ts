/** Makes the document follow the preferences: its language, its colours. */
import { onPreferences, preferences } from './preferences.ts';

export function applyPreferences(): void {
  apply();
  onPreferences(apply);
}

function apply(): void {
  const { language, theme } = preferences();
  document.documentElement.lang = language === 'zh' ? 'zh-CN' : 'en';
  if (theme === 'system') delete document.documentElement.dataset.theme;
  else document.documentElement.dataset.theme = theme;
}
