/** Parts of the sentences that findings are told in. */

/** Of classes a sentence names no more. */
const NAMED = 5;

/** "1 picture", "2 pictures". */
export const counted = (count: number, one: string, many = `${one}s`): string => `${count} ${count === 1 ? one : many}`;

/** The first ones, and how many there are besides. */
export function listed(names: readonly string[]): { readonly en: string; readonly zh: string } {
  const named = names.slice(0, NAMED);
  const more = names.length - named.length;
  if (more > 0) return { en: `${named.join(', ')} and ${more} more`, zh: `${named.join('、')}等 ${names.length} 个` };
  return { en: named.join(', '), zh: named.join('、') };
}
