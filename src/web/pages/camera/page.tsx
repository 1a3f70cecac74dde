/** Placeholder. */
export default function CameraPage() {
  return null;
}
