/** Placeholder. */
export default function BatchPage() {
  return null;
}
