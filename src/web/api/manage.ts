/** Calls that are for those who manage the service: what they train with is theirs alone. */
import { type Call, call, send } from './call.ts';

export interface Managed extends Pick<Call, 'method' | 'query' | 'signal'> {
  /** What is sent, as JSON. */
  readonly json?: Readonly<Record<string, unknown>>;
}

/** @throws CallError; AbortError if `signal` was aborted */
export const manage = <Answer>(path: string, request: Managed = {}): Promise<Answer> =>
  call<Answer>(path, callOf(request));

/** The same where nothing is answered. @throws CallError */
export async function manageSilently(path: string, request: Managed): Promise<void> {
  await send(path, callOf(request));
}

const callOf = ({ json, ...request }: Managed): Call => ({
  ...request,
  manages: true,
  ...(json && { headers: { 'Content-Type': 'application/json' }, body: JSON.stringify(json) }),
});
