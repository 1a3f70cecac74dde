/** Writing for people and programs. */
import { toAppError } from '../errors.js';
import type { Language } from '../labels/label-set.js';

/** Writes and waits while the reader is slower than we are. */
export function writeText(stream: NodeJS.WriteStream, text: string): Promise<void> {
  return new Promise((resolve) => {
    if (stream.destroyed) return resolve();
    stream.write(text, () => resolve());
  });
}

export const writeLine = (stream: NodeJS.WriteStream, line: string): Promise<void> => writeText(stream, `${line}\n`);

/** An error in a line on stderr; the first one decides the exit status. */
export function reportError(thrown: unknown): void {
  const { message, code, exit } = toAppError(thrown);
  process.stderr.write(`${visible(`kaiyan: ${message} [${code}]`)}\n`);
  process.exitCode ||= exit;
}

/**
 * One line with its control characters written out, like `\x1b`. The name of a file may have any, and a terminal obeys
 * them; those that change the direction of writing can make a name look like another.
 */
export const visible = (line: string): string =>
  line.replace(/[\p{Cc}\u202a-\u202e\u2066-\u2069]/gu, (character) => {
    const code = character.charCodeAt(0).toString(16);
    return code.length > 2 ? `\\u${code}` : `\\x${code.padStart(2, '0')}`;
  });

/** Columns of text, as wide as their widest cell; Chinese characters take two places. */
export function table(lines: readonly (readonly string[])[]): string {
  const rows = lines.map((cells) => cells.map(visible));
  const widths = rows.reduce<number[]>(
    (all, row) => row.map((cell, i) => Math.max(all[i] ?? 0, displayWidth(cell))),
    [],
  );
  return rows
    .map((row) =>
      row
        .map((cell, i) => (i === row.length - 1 ? cell : pad(cell, widths[i] as number)))
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
}

export const pad = (text: string, width: number) => text + ' '.repeat(Math.max(0, width - displayWidth(text)));

/** Places on a terminal: two for East Asian wide characters. */
function displayWidth(text: string): number {
  const wide =
    /[\u1100-\u115f\u2e80-\u303e\u3041-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6]/;
  return [...text].reduce((width, character) => width + (wide.test(character) ? 2 : 1), 0);
}

/** 0.1234 is "12.3 %", and "12.3%" in a Chinese sentence. */
export const percent = (share: number, lang: Language = 'en'): string =>
  `${(share * 100).toFixed(1)}${lang === 'zh' ? '' : ' '}%`;
