/** Pictures and what they show, as their owner says it: the classes are his own. */

export interface OwnClass {
  /** Verbatim, letter by letter: the name of its folder, or what a list says. */
  readonly label: string;
  /** Its Chinese name; the label, where none is given. */
  readonly zh: string;
  /** Whether only the given names have it, and neither a folder nor a list. */
  readonly onlyNamed?: true;
}

export interface OwnPicture {
  readonly path: string;
  /** What reports call it, and nothing else in the data set: its path as seen from there, with slashes, or its own name. */
  readonly name: string;
  /** Its class, by position. */
  readonly label: number;
}

export interface Dataset {
  /** The folder, or the list. */
  readonly source: string;
  /** What errors and reports call it. */
  readonly title: string;
  /** In the order of their labels; some may have no picture. */
  readonly classes: readonly OwnClass[];
  /** In the order of their names; what a list names twice is there twice. */
  readonly pictures: readonly OwnPicture[];
  /** Files that are left out, by name: not called as pictures are, or in no folder of a class. */
  readonly others: readonly string[];
}

/** The same without classes that have no picture: what a model can be taught. */
export function withoutEmptyClasses(dataset: Dataset): Dataset {
  const counts = countPictures(dataset);
  const classes = dataset.classes.filter((_, i) => (counts[i] as number) > 0);
  if (classes.length === dataset.classes.length) return dataset;
  const position = new Map(classes.map(({ label }, i) => [label, i]));
  const pictures = dataset.pictures.map((picture) => ({
    ...picture,
    label: position.get(dataset.classes[picture.label]?.label ?? '') as number,
  }));
  return { ...dataset, classes, pictures };
}

/** The number of pictures of each class. */
export function countPictures({ classes, pictures }: Pick<Dataset, 'classes' | 'pictures'>): Int32Array {
  const counts = new Int32Array(classes.length);
  for (const { label } of pictures) (counts[label] as number) += 1;
  return counts;
}
