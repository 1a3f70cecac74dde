/** Which of the pictures that wait go together: those of one class, few enough that a failure costs little. */

interface Waiting {
  readonly dataset: string;
  readonly label: string;
  readonly file: { readonly size: number };
}

const MOST_PICTURES = 8;
const MOST_BYTES = 16e6;

/** The next ones from the front, at least one; none of nothing. */
export function nextParcel<Item extends Waiting>(waiting: readonly Item[]): readonly Item[] {
  const [first] = waiting;
  if (!first) return [];
  const parcel: Item[] = [];
  let bytes = 0;
  for (const item of waiting) {
    bytes += item.file.size;
    const fits = parcel.length === 0 || (parcel.length < MOST_PICTURES && bytes <= MOST_BYTES);
    if (!fits || item.dataset !== first.dataset || item.label !== first.label) break;
    parcel.push(item);
  }
  return parcel;
}
