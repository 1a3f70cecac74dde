/** One linear layer: what is trained on the vectors that a frozen network makes. */

export interface LinearHead {
  readonly classes: number;
  readonly dimensions: number;
  /** `classes × dimensions`, row by row. */
  readonly weights: Float32Array;
  /** One for each class. */
  readonly bias: Float32Array;
}

/** What a head is fitted to. */
export interface Samples {
  /** `n × dimensions`, row by row. */
  readonly vectors: Float32Array;
  /** The class of each. */
  readonly labels: Int32Array;
  /** How much each one counts, 1 if not given; one that counts 0 is left out. */
  readonly weights?: Float32Array | undefined;
}

export const emptyHead = (classes: number, dimensions: number): LinearHead => ({
  classes,
  dimensions,
  weights: new Float32Array(classes * dimensions),
  bias: new Float32Array(classes),
});
