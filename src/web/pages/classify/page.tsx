/** The first page: give it a picture, get an answer. */
export function ClassifyPage() {
  return null;
}
