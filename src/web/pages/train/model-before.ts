/** Which model a step back leads to, as the service finds it in its record. */
import type { Promotion } from '../../api/training-types.ts';

type Step = Pick<Promotion, 'kind'> & { readonly [Side in 'from' | 'to']: { readonly reference: string } };

/** NAME@VERSION of what the last promotion replaced that was not taken back yet; undefined if that is the present one, or none. */
export function modelBefore(newestFirst: readonly Step[], present: string): string | undefined {
  let replaced: readonly string[] = [];
  for (const { kind, from, to } of newestFirst.toReversed()) {
    if (kind === 'promotion') replaced = [...replaced, from.reference];
    else {
      const taken = replaced.lastIndexOf(to.reference);
      replaced = replaced.slice(0, taken < 0 ? -1 : taken);
    }
  }
  return replaced.findLast((one) => one !== present);
}
