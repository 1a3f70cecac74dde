/** Numbers as people read them, in both languages. */
import type { Language } from '../preferences/preferences.ts';

/** A line break would part a number from its unit. */
const SPACE = '\u00a0';

/** "42.1 %" for 42.1; Chinese has no space there. */
export const withPercentSign = (figure: number | string, language: Language): string =>
  language === 'zh' ? `${figure}%` : `${figure}${SPACE}%`;

/** "42.1 %" of 0.421; what would be shown as nothing is "< 0.1 %". In Chinese "42.1%" and "<0.1%". */
export function percent(share: number, language: Language, digits = 1): string {
  const least = 10 ** -digits;
  const isLess = share > 0 && share * 100 < least / 2;
  const less = language === 'zh' ? '<' : `<${SPACE}`;
  return isLess ? less + withPercentSign(least, language) : withPercentSign((share * 100).toFixed(digits), language);
}

export const milliseconds = (count: number): string => `${count.toFixed(count < 10 ? 1 : 0)}${SPACE}ms`;

/** Powers of a thousand, as the service's own sentences have them. */
export function bytes(count: number): string {
  if (count < 1000) return `${count}${SPACE}B`;
  if (count < 1e6) return `${Math.round(count / 1e3)}${SPACE}kB`;
  return count < 1e9 ? `${(count / 1e6).toFixed(1)}${SPACE}MB` : `${(count / 1e9).toFixed(1)}${SPACE}GB`;
}
