/** Times as people read them. */
import type { Language } from '../preferences/preferences.ts';

const locale = (language: Language): string => (language === 'zh' ? 'zh-CN' : 'en-GB');

/** "28 Nov 2026, 10:05", of an ISO time, where one is. */
export const dateAndTime = (time: string, language: Language): string =>
  new Intl.DateTimeFormat(locale(language), { dateStyle: 'medium', timeStyle: 'short' }).format(new Date(time));

/** "in 7 days" */
export function fromNow(time: string, language: Language, now = Date.now()): string {
  const hours = (Date.parse(time) - now) / 3_600_000;
  const format = new Intl.RelativeTimeFormat(locale(language), { numeric: 'auto' });
  return Math.abs(hours) < 36 ? format.format(Math.round(hours), 'hour') : format.format(Math.round(hours / 24), 'day');
}

/** "2 minutes", in the one unit that is enough to wait by. */
export function duration(seconds: number, language: Language): string {
  const [unit, length] =
    seconds < 90 ? (['second', 1] as const) : seconds < 5400 ? (['minute', 60] as const) : (['hour', 3600] as const);
  const count = Math.max(1, Math.round(seconds / length));
  return new Intl.NumberFormat(locale(language), { style: 'unit', unit, unitDisplay: 'long' }).format(count);
}
