/** Placeholder. */
export default function ExhibitionPage() {
  return null;
}
