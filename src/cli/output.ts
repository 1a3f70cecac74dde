/** Writing for people and programs. */

/** Writes a line and waits while the reader is slower than we are. */
export function writeLine(stream: NodeJS.WriteStream, line: string): Promise<void> {
  return new Promise((resolve) => {
    if (stream.destroyed) return resolve();
    stream.write(`${line}\n`, () => resolve());
  });
}

/** Columns of text, as wide as their widest cell; Chinese characters take two places. */
export function table(rows: readonly (readonly string[])[]): string {
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

/** 0.1234 is "12.3 %". */
export const percent = (share: number): string => `${(share * 100).toFixed(1)} %`;
