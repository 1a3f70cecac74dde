/** Whether what was given as a key is one. */
import { CallError, call } from './call.ts';

/** Whether the service answers with the key that is kept. @throws CallError if something else keeps it from answering */
export const keyFits = (): Promise<boolean> => isLetIn(call('api/v1/models'));

/** Whether the service may be managed with what is kept. @throws CallError if something else keeps it from answering */
export function adminTokenFits(): Promise<boolean> {
  // Who may call is looked at first; what is asked for here is nothing, which is refused, so nothing is changed.
  const nothing = call('api/v1/models/active', {
    method: 'PUT',
    headers: { 'Content-Type': 'application/json' },
    body: '{}',
    manages: true,
  });
  return isLetIn(nothing, 'REQUEST_INVALID');
}

async function isLetIn(asked: Promise<unknown>, expected?: string): Promise<boolean> {
  try {
    await asked;
    return true;
  } catch (error) {
    if (!(error instanceof CallError) || error.problem.kind !== 'refused') throw error;
    const { code } = error.problem;
    if (code === expected) return true;
    if (code === 'UNAUTHORIZED' || code === 'MANAGEMENT_REFUSED') return false;
    throw error;
  }
}
