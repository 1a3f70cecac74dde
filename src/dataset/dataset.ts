/** Pictures and what they show, as their owner says it: the classes are his own. */

export interface OwnClass {
  /** Verbatim: the name of its folder, or what a list says. */
  readonly label: string;
  /** Its Chinese name; the label, where none is given. */
  readonly zh: string;
}

export interface OwnPicture {
  readonly path: string;
  /** What reports call it: its path within the data set, with slashes. */
  readonly name: string;
  /** Its class, by position. */
  readonly label: number;
}

export interface Dataset {
  /** The folder, or the list. */
  readonly source: string;
  /** In the order of their labels. */
  readonly classes: readonly OwnClass[];
  /** In the order of their names. */
  readonly pictures: readonly OwnPicture[];
  /** Files that are left out, because they are not called as pictures are. */
  readonly others: readonly string[];
}
