/** How large a frame is to be, so that the model that answers loses nothing. */
import { useModels } from '../api/models.ts';
import { frameSide } from './frame.ts';

const USUAL_INPUT = { width: 224, height: 224 };

/** In pixels; of the active model, or of NAME@VERSION. */
export function useFrameSide(model?: string): number {
  const { data } = useModels();
  const asked = data?.models.find(({ active, name, version }) =>
    model === undefined ? active : `${name}@${version}` === model,
  );
  return frameSide(asked?.input ?? USUAL_INPUT);
}
