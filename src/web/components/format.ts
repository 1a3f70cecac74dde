/** Numbers as people read them, in both languages. */

/** A line break would part a number from its unit. */
const SPACE = '\u00a0';

/** "42.1 %" of 0.421; what would be shown as nothing is "< 0.1 %". */
export function percent(share: number, digits = 1): string {
  const least = 10 ** -digits;
  if (share > 0 && share * 100 < least / 2) return `<${SPACE}${least}${SPACE}%`;
  return `${(share * 100).toFixed(digits)}${SPACE}%`;
}

export const milliseconds = (count: number): string => `${count.toFixed(count < 10 ? 1 : 0)}${SPACE}ms`;

/** Powers of a thousand, as the service's own sentences have them. */
export function bytes(count: number): string {
  if (count < 1000) return `${count}${SPACE}B`;
  if (count < 1e6) return `${Math.round(count / 1e3)}${SPACE}kB`;
  return count < 1e9 ? `${(count / 1e6).toFixed(1)}${SPACE}MB` : `${(count / 1e9).toFixed(1)}${SPACE}GB`;
}
