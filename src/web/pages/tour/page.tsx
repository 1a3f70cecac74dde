/** Placeholder. */
export default function TourPage() {
  return null;
}
