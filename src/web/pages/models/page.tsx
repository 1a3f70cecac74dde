/** Placeholder. */
export default function ModelsPage() {
  return null;
}
