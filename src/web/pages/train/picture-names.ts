/** Pictures of a data set of the page are called by the SHA-256 of their bytes. */
const ID = /(?:^|\/)([0-9a-f]{64})(?:\.[a-z]+)?$/;

/** The id in what a report calls a picture, such as `pictures/SHA256.jpg`; undefined if there is none. */
export const pictureIdOf = (name: string): string | undefined => ID.exec(name)?.[1];
