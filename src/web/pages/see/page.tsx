/** Placeholder. */
export default function SeePage() {
  return null;
}
