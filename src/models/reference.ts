/** How a model is named: `NAME` is its highest version, `NAME@VERSION` one of them. */

export interface Reference {
  readonly name: string;
  /** Undefined for the highest. */
  readonly version: string | undefined;
}

/** No name has an @ in it. */
export function parseReference(text: string): Reference {
  const at = text.indexOf('@');
  return at < 0 ? { name: text, version: undefined } : { name: text.slice(0, at), version: text.slice(at + 1) };
}

export const referenceOf = ({ name, version }: { readonly name: string; readonly version: string }): string =>
  `${name}@${version}`;

/** Made when there are two versions to compare: the first one takes 10 ms, for which every start would wait. */
let natural: Intl.Collator | undefined;

/** Natural order: 1.10 comes after 1.9. Two that are as high, such as 1 and 01, are put in some order all the same. */
export function compareVersions(a: string, b: string): number {
  natural ??= new Intl.Collator('en', { numeric: true });
  return natural.compare(a, b) || (a < b ? -1 : Number(a > b));
}
