/** Which model answers now. */
import { useModels } from '../../api/models.ts';

/** NAME@VERSION; undefined until it is known. */
export function useActiveModel(): string | undefined {
  const { data } = useModels();
  const active = data?.models.find((one) => one.active);
  return active && `${active.name}@${active.version}`;
}
