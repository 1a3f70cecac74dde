/** Why a browser gives no camera. */

export type CameraProblem = 'notAllowed' | 'none' | 'busy' | 'unfit' | 'lost' | 'unsupported' | 'unknown';

/** By the names of the errors of `getUserMedia`. https://www.w3.org/TR/mediacapture-streams/#dom-mediadevices-getusermedia */
const PROBLEMS: Readonly<Record<string, CameraProblem>> = {
  NotAllowedError: 'notAllowed',
  SecurityError: 'notAllowed',
  NotFoundError: 'none',
  NotReadableError: 'busy',
  AbortError: 'busy',
  OverconstrainedError: 'unfit',
  TypeError: 'unsupported',
};

export const problemOf = (error: unknown): CameraProblem =>
  (error instanceof Error && PROBLEMS[error.name]) || 'unknown';
