/** The cells of a CSV file (RFC 4180): parted by commas, or by semicolons or tabs where its first line has no comma. */

export interface CsvRow {
  /** Where it begins, from 1. */
  readonly line: number;
  readonly cells: readonly string[];
}

/** Spaces around a cell are no part of it, unless it is in quotes. Empty lines are left out. */
export function csvRows(text: string): CsvRow[] {
  const separator = separatorOf(text);
  const quoted = new RegExp(`[ ]*"([^"]*(?:""[^"]*)*)"[ ]*(?=${separator}|[\\r\\n]|$)`, 'y');
  const bare = new RegExp(`[^${separator}\\r\\n]*`, 'y');
  const end = /\r\n|\n|\r|$/y;
  const rows: CsvRow[] = [];
  let [at, line] = [0, 1];

  function take(pattern: RegExp): RegExpExecArray | null {
    pattern.lastIndex = at;
    const found = pattern.exec(text);
    at += found?.[0].length ?? 0;
    line += found?.[0].match(/\r\n|\n|\r/g)?.length ?? 0;
    return found;
  }

  const takeCell = () => take(quoted)?.[1]?.replaceAll('""', '"') ?? take(bare)?.[0].trim() ?? '';

  while (at < text.length) {
    const row = { line, cells: [takeCell()] };
    while (text[at] === separator) {
      at += 1;
      row.cells.push(takeCell());
    }
    take(end);
    if (row.cells.some((cell) => cell !== '')) rows.push(row);
  }
  return rows;
}

function separatorOf(text: string): string {
  const first = /^[^\r\n]*/.exec(text)?.[0] ?? '';
  return [',', ';', '\t'].find((separator) => first.includes(separator)) ?? ',';
}
